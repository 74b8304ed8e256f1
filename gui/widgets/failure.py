"""A failure in words: what happened, what it means, what to do - and what the host said, set off as its voice."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gui.language import Language
from gui.style.tokens import Tokens
from gui.widgets.basic import card, label
from gui.widgets.code import CodeView
from guide.clean import clean

CANCELLED = ("cancelled", "step-not-ready")
"""What the person decided is no failure."""


def failure_view(code: str, params: dict[str, str], detail: str, language: Language, tokens: Tokens) -> QWidget:
    """A banner; red only for real failures."""
    calm = code in CANCELLED
    params = {key: _spoken(value, language) for key, value in params.items()}
    frame, layout = card("warnBanner" if calm else "badBanner")
    text = language.catalogue.error(code, params)
    layout.addWidget(label(f"{'!' if calm else '✗'} {text.what}", "section"))
    layout.addWidget(label(text.means))
    layout.addWidget(label(f"→ {text.do}"))
    if detail.strip():
        name = QCoreApplication.translate("Failure", "What the host said")
        layout.addWidget(CodeView([("", f"| {line}") for line in clean(detail, 2000).splitlines()], tokens, name))
    return frame


def _spoken(value: str, language: Language) -> str:
    """What is missing may be named by the key of a sentence: a blocker, or a question that was answered with no."""
    keys = (value, f"question.{value}.title")
    return next((language.catalogue.template(key) for key in keys if language.catalogue.has(key)), value)
