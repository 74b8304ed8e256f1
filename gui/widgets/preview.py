"""What will change: diffs, VM keys, commands, copies - with signs, not colour alone."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gui.language import Language
from gui.style.tokens import Tokens
from gui.widgets.basic import card, column, label
from gui.widgets.code import CodeView, Line
from guide.change import Change, FileDiff, Preview


def changes_view(changes: tuple[Change, ...], language: Language, tokens: Tokens) -> QWidget:
    """All changes of a plan, one card each."""
    holder = QWidget()
    layout = column(holder)
    for change in changes:
        layout.addWidget(change_card(change, language, tokens))
    return holder


def change_card(change: Change, language: Language, tokens: Tokens) -> QWidget:
    """One change with its preview and what it costs."""
    frame, layout = card()
    layout.addWidget(label(language.say(change.title), "section"))
    costs = sorted(cost.value for cost in change.costs)
    if costs:
        words = " · ".join(language.catalogue.template(f"cost.{cost}") for cost in costs)
        layout.addWidget(label(f"! {words}", "warn"))
    name = QCoreApplication.translate("Preview", "What will change")
    for diff in change.preview.diffs:
        layout.addWidget(label(diff.path, "quiet", selectable=True))
        layout.addWidget(CodeView(diff_lines(diff), tokens, f"{name}: {diff.path}"))
    keys = key_lines(change.preview)
    if keys:
        layout.addWidget(CodeView(keys, tokens, name))
    for source, target in change.preview.copies:
        layout.addWidget(label(f"{source}  →  {target}", selectable=True))
    commands: list[Line] = [("", f"$ {line}") for line in change.preview.commands]
    if commands:
        layout.addWidget(CodeView(commands, tokens, QCoreApplication.translate("Preview", "Commands on the host")))
    return frame


def diff_lines(diff: FileDiff) -> list[Line]:
    """The lines of a diff without its positions."""
    return [(line[0] if line[:1] in ("+", "-") else "", line) for line in diff.lines() if not line.startswith("@@")]


def key_lines(preview: Preview) -> list[Line]:
    """Keys of a VM before and after, as a diff."""
    found: list[Line] = []
    for key, before, after in preview.keys:
        if before is not None:
            found.append(("-", f"-{key}: {before}"))
        if after is not None:
            found.append(("+", f"+{key}: {after}"))
    return found
