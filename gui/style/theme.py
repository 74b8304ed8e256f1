"""Applies the tokens: Fusion, an own palette and one small style sheet; follows the system or the person's choice."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from gui.style.sheet import SHEET
from gui.style.tokens import DARK, LIGHT, Tokens
from guide.resources import path

Mode = Literal["system", "light", "dark"]

FONTS = (
    *("Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"),
    *("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei"),
)
MONO = ("Cascadia Mono", "SF Mono", "JetBrains Mono", "DejaVu Sans Mono", "Menlo", "WenQuanYi Micro Hei Mono")

ICONS = {"check": "check", "down": "chevron-down", "up": "chevron-up"}


class Theme(QObject):
    """`changed` is emitted with the tokens in force."""

    changed = Signal(object)

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self.mode: Mode = "system"
        self.tokens = LIGHT
        application.setStyle("Fusion")
        font = QFont()
        font.setFamilies(list(FONTS))
        font.setPointSizeF(10.0)
        application.setFont(font)
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    def set_mode(self, mode: Mode) -> None:
        """Follow the system, or not."""
        self.mode = mode
        self._apply()

    def _apply(self) -> None:
        system_dark = self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        dark = self.mode == "dark" or (self.mode == "system" and system_dark)
        self.tokens = DARK if dark else LIGHT
        self._application.setPalette(_palette(self.tokens))
        values = {name: getattr(self.tokens, name) for name in Tokens.__dataclass_fields__}
        icons = {place: icon(name, self.tokens) for place, name in ICONS.items()}
        self._application.setStyleSheet(SHEET.format(**icons, **values))
        self.changed.emit(self.tokens)


def icon(name: str, tokens: Tokens) -> str:
    """The path of a drawing in the colours of these tokens."""
    return path("icons", f"{name}-{'dark' if tokens.dark else 'light'}.svg").as_posix()


def mono_font(size: float = 9.5) -> QFont:
    """For commands, diffs and the host's words."""
    font = QFont()
    font.setFamilies(list(MONO))
    font.setPointSizeF(size)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.window,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.surface,
        QPalette.ColorRole.AlternateBase: tokens.raised,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.Button: tokens.raised,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.Highlight: tokens.accent,
        QPalette.ColorRole.HighlightedText: tokens.accent_text,
        QPalette.ColorRole.PlaceholderText: tokens.quiet,
        QPalette.ColorRole.ToolTipBase: tokens.raised,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.Link: tokens.accent,
        QPalette.ColorRole.BrightText: tokens.bad,
        QPalette.ColorRole.Mid: tokens.line,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.quiet))
    return palette
