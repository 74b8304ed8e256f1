"""A failure in words: what happened and why, what it means, what to do - and what the host said, as its own voice."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gui.language import Language
from gui.style.tokens import Tokens
from gui.widgets.basic import card, label
from gui.widgets.code import CodeView
from guide.clean import clean
from guide.events import Failed

CALM = ("cancelled", "declined", "step-not-ready")
"""What the person decided, or has to decide first, is no failure."""


def failure_view(failed: Failed, language: Language, tokens: Tokens) -> QWidget:
    """A banner; red only for real failures."""
    calm = failed.code in CALM
    frame, layout = card("warnBanner" if calm else "badBanner")
    text = language.catalogue.error(failed)
    layout.addWidget(label(f"{'!' if calm else '✗'} {text.what}", "section"))
    for reason in text.reasons:
        layout.addWidget(label(f"• {clean(reason, 500)}"))
    layout.addWidget(label(text.means))
    layout.addWidget(label(f"→ {text.do}"))
    if failed.detail.strip():
        name = QCoreApplication.translate("Failure", "What the host said")
        lines = clean(failed.detail, 2000).splitlines()
        layout.addWidget(CodeView([("", f"| {line}") for line in lines], tokens, name))
    return frame
