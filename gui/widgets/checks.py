"""Checks and findings: glyph and word, claim, what was found, remedy, how to see it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.language import Language
from gui.style.tokens import Tokens
from gui.widgets.basic import card, column, label
from gui.widgets.code import CodeView, Line
from gui.widgets.foldout import FoldOut
from guide.check import Check, Verdict
from guide.clean import clean
from guide.finding import Finding, Severity

GLYPHS = {Verdict.OK: "✓", Verdict.WARN: "!", Verdict.FAIL: "✗", Verdict.UNKNOWN: "?"}
ROLES = {Verdict.OK: "good", Verdict.WARN: "warn", Verdict.FAIL: "bad", Verdict.UNKNOWN: "quiet"}
BANNERS = {Severity.STOPS: "badBanner", Severity.WARNS: "warnBanner", Severity.INFORMS: "raised"}
SEVERITY_GLYPHS = {Severity.STOPS: "✗", Severity.WARNS: "!", Severity.INFORMS: "i"}


def checks_view(checks: tuple[Check, ...], language: Language, acted: bool) -> QWidget:
    """One row per claim. Before the step has `acted`, a claim that does not hold is no failure, only not yet so."""
    frame, layout = card()
    for check in checks:
        layout.addLayout(_row(check, language, acted))
    return frame


def _row(check: Check, language: Language, acted: bool) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    pending = check.verdict is not Verdict.OK and not acted
    word = language.catalogue.template("verdict.pending" if pending else f"verdict.{check.verdict.value}")
    role = "quiet" if pending else ROLES[check.verdict]
    verdict = label(f"{'○' if pending else GLYPHS[check.verdict]} {word}", role)
    verdict.setFixedWidth(150)
    body = QVBoxLayout()
    body.setSpacing(2)
    body.addWidget(label(language.say(check.claim)))
    if check.found.strip():
        body.addWidget(label(clean(check.found, 300), "quiet", selectable=True))
    if check.remedy is not None and not pending:
        body.addWidget(label(f"→ {language.say(check.remedy)}", role))
    if check.command:
        body.addWidget(label(f"$ {check.command}", "quiet", selectable=True))
    row.addWidget(verdict, alignment=Qt.AlignmentFlag.AlignTop)
    row.addLayout(body, 1)
    return row


@dataclass(frozen=True)
class Mending:
    """Which findings the program can mend, which of them it shall, and what a click on their button does."""

    offered: frozenset[str]
    chosen: frozenset[str]
    toggle: Callable[[str], None]


def findings_view(
    findings: tuple[Finding, ...], language: Language, tokens: Tokens, mending: Mending | None = None
) -> QWidget:
    """One banner per finding, worst first."""
    holder = QWidget()
    layout = column(holder)
    for finding in findings:
        banner, inside = _finding(finding, language, tokens)
        if mending is not None and finding.id in mending.offered:
            inside.insertWidget(inside.count() - 1, _button(finding, language, mending), 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(banner)
    return holder


def _button(finding: Finding, language: Language, mending: Mending) -> QPushButton:
    """Puts the remedy into the plan of the page, or takes it out again; nothing is done by it."""
    chosen = finding.id in mending.chosen
    planned = QCoreApplication.translate("Findings", "✓ Planned below – leave it out again")
    text = planned if chosen else QCoreApplication.translate("Findings", "Plan this remedy…")
    button = QPushButton(text)
    button.setAccessibleName(f"{text}: {language.say(finding.claim)}")
    button.clicked.connect(lambda: mending.toggle(finding.id))
    return button


def _finding(finding: Finding, language: Language, tokens: Tokens) -> tuple[QWidget, QVBoxLayout]:
    frame, layout = card(BANNERS[finding.severity])
    word = language.catalogue.template(f"severity.{finding.severity.value}")
    layout.addWidget(label(f"{SEVERITY_GLYPHS[finding.severity]} {word}: {language.say(finding.claim)}", "section"))
    layout.addWidget(label(language.say(finding.means)))
    layout.addWidget(label(f"→ {language.say(finding.remedy)}"))
    honesty = language.catalogue.template(f"honesty.{finding.honesty.value}")
    lines: list[Line] = [("", clean(line, 300)) for line in finding.evidence]
    name = QCoreApplication.translate("Findings", "Evidence from the host")
    inner = QWidget()
    inside = column(inner, spacing=4)
    if lines:
        inside.addWidget(CodeView(lines, tokens, name))
    inside.addWidget(label(f"{honesty} · {finding.source}", "quiet"))
    fold = FoldOut(inner)
    fold.set_title(name)
    layout.addWidget(fold)
    return frame, layout
