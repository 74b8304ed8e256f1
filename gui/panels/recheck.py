"""After an upgrade of Proxmox VE: does the set-up still fit, and what would be changed. One button looks again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from gui.language import Language
from gui.style.tokens import Tokens
from gui.widgets.basic import card, label
from gui.widgets.preview import changes_view
from guide.message import message
from guide.recheck import Fit, Recheck

LOOKS = {
    Fit.FITS: ("✓", "goodBanner"),
    Fit.CHANGES: ("!", "warnBanner"),
    Fit.IMPOSSIBLE: ("✗", "badBanner"),
    Fit.NOTHING: ("i", "raised"),
}


def recheck_view(found: Recheck, language: Language, tokens: Tokens, again: Callable[[], None]) -> QWidget:
    """The verdict as a banner; `again` reads the host anew."""
    glyph, role = LOOKS[found.fit]
    frame, layout = card(role)
    layout.addWidget(label(f"{glyph} {language.say(found.verdict)}", "section"))
    for finding in found.findings:
        layout.addWidget(label(f"• {language.say(finding.claim)}"))
    if found.changes:
        layout.addWidget(changes_view(found.changes, language, tokens))
    layout.addWidget(label(language.say(message("recheck.do" if found.fit is Fit.CHANGES else "recheck.hint"))))
    button = QPushButton(language.say(message("recheck.verb")))
    button.setAccessibleName(f"{button.text()}: {language.say(message('recheck.title'))}")
    button.clicked.connect(lambda: again())
    layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
    return frame
