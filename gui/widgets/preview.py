"""What will change: diffs, VM keys, commands, copies - with signs, not colour alone."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor, QFontMetrics, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.language import Language
from gui.style.theme import mono_font
from gui.style.tokens import Tokens
from gui.widgets.basic import card, column, label
from guide.change import Change, FileDiff, Preview

MOST_LINES = 24


def change_card(change: Change, language: Language, tokens: Tokens) -> QWidget:
    """One change with its preview and what it costs."""
    frame, layout = card()
    layout.addWidget(label(language.say(change.title), "section"))
    costs = sorted(cost.value for cost in change.costs)
    if costs:
        words = " · ".join(language.catalogue.template(f"cost.{cost}") for cost in costs)
        layout.addWidget(label(words, "warn"))
    for diff in change.preview.diffs:
        layout.addWidget(label(diff.path, "quiet", selectable=True))
        layout.addWidget(code_view(diff_lines(diff), tokens, _preview_name()))
    keys = key_lines(change.preview)
    if keys:
        layout.addWidget(code_view(keys, tokens, _preview_name()))
    for source, target in change.preview.copies:
        layout.addWidget(label(f"{source}  →  {target}", selectable=True))
    if change.preview.commands:
        layout.addWidget(code_view([("", f"$ {line}") for line in change.preview.commands], tokens, _preview_name()))
    return frame


def diff_lines(diff: FileDiff) -> list[tuple[str, str]]:
    """(kind, line): kind is "+", "-" or ""."""
    lines = diff.lines()
    return [(line[0] if line[:1] in ("+", "-") else "", line) for line in lines if not line.startswith("@@")]


def key_lines(preview: Preview) -> list[tuple[str, str]]:
    """Keys of a VM before and after, as a diff."""
    found = []
    for key, before, after in preview.keys:
        if before is not None:
            found.append(("-", f"-{key}: {before}"))
        if after is not None:
            found.append(("+", f"+{key}: {after}"))
    return found


def code_view(lines: list[tuple[str, str]], tokens: Tokens, name: str) -> QPlainTextEdit:
    """Lines in a fixed font, coloured by kind, as high as they need."""
    view = QPlainTextEdit()
    view.setReadOnly(True)
    view.setAccessibleName(name)
    view.setFont(mono_font())
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setTabChangesFocus(True)
    cursor = view.textCursor()
    for number, (kind, line) in enumerate(lines):
        cursor.insertText(("\n" if number else "") + line, _format(kind, tokens))
    cursor.movePosition(QTextCursor.MoveOperation.Start)
    view.setTextCursor(cursor)
    metrics = QFontMetrics(view.font())
    shown = min(len(lines), MOST_LINES)
    wide = max((metrics.horizontalAdvance(line) for _, line in lines), default=0) > 700
    view.setFixedHeight(shown * metrics.lineSpacing() + 18 + (14 if wide else 0))
    view.setVerticalScrollBarPolicy(
        Qt.ScrollBarPolicy.ScrollBarAsNeeded if len(lines) > MOST_LINES else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    )
    return view


def _format(kind: str, tokens: Tokens) -> QTextCharFormat:
    made = QTextCharFormat()
    if kind == "+":
        made.setForeground(QColor(tokens.added))
        made.setBackground(QColor(tokens.added_back))
    elif kind == "-":
        made.setForeground(QColor(tokens.removed))
        made.setBackground(QColor(tokens.removed_back))
    else:
        made.setForeground(QColor(tokens.text))
    return made


def _preview_name() -> str:
    return QCoreApplication.translate("Preview", "What will change")


def changes_view(changes: tuple[Change, ...], language: Language, tokens: Tokens) -> QWidget:
    """All changes of a plan, one card each."""
    holder = QWidget()
    layout = column(holder)
    for change in changes:
        layout.addWidget(change_card(change, language, tokens))
    return holder
