"""Applies the tokens: Fusion, an own palette and one small style sheet; follows the system or the person's choice."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from gui.style.tokens import DARK, LIGHT, Tokens
from guide.resources import path

Mode = Literal["system", "light", "dark"]

FONTS = (
    *("Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"),
    *("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei"),
)
MONO = ("Cascadia Mono", "SF Mono", "JetBrains Mono", "DejaVu Sans Mono", "Menlo", "WenQuanYi Micro Hei Mono")

SHEET = """
QWidget#surface, QFrame#card {{ background: {surface}; }}
QFrame#card {{ border: 1px solid {line}; border-radius: 8px; }}
QFrame#raised {{ background: {raised}; border: 1px solid {line}; border-radius: 6px; }}
QLabel#title {{ font-size: 20pt; font-weight: 600; }}
QLabel#section {{ font-size: 12pt; font-weight: 600; }}
QLabel#quiet {{ color: {quiet}; }}
QLabel#good {{ color: {good}; }} QLabel#warn {{ color: {warn}; }} QLabel#bad {{ color: {bad}; }}
QFrame#goodBanner {{ background: {good_back}; border: 1px solid {good}; border-radius: 6px; }}
QFrame#warnBanner {{ background: {warn_back}; border: 1px solid {warn}; border-radius: 6px; }}
QFrame#badBanner {{ background: {bad_back}; border: 1px solid {bad}; border-radius: 6px; }}
QPushButton {{ padding: 6px 14px; border: 1px solid {line}; border-radius: 6px;
  background: {raised}; color: {text}; }}
QPushButton:hover {{ border-color: {accent}; }}
QPushButton:checked {{ border-color: {accent}; color: {accent}; }}
QPushButton:focus, QToolButton:focus, QLineEdit:focus {{ border: 2px solid {accent}; }}
QPushButton:disabled {{ color: {quiet}; background: {window}; }}
QPushButton#primary {{ background: {accent}; color: {accent_text}; border-color: {accent}; font-weight: 600; }}
QPushButton#primary:disabled {{ background: {line}; color: {quiet}; border-color: {line}; }}
QPushButton#danger {{ background: {bad}; color: {surface}; border-color: {bad}; font-weight: 600; }}
QToolButton {{ padding: 4px 8px; border: 1px solid transparent; border-radius: 6px; color: {text}; }}
QToolButton:hover {{ background: {raised}; border-color: {line}; }}
QComboBox, QSpinBox {{ min-height: 26px; }}
QLineEdit {{ padding: 4px 6px; border: 1px solid {line}; border-radius: 5px;
  background: {surface}; color: {text}; min-height: 20px; }}
QListWidget#rail, QTreeWidget#rail {{ background: {window}; border: none; outline: none; }}
QScrollArea {{ border: none; }}
QTableView, QTextBrowser, QPlainTextEdit, QListWidget {{ background: {surface};
  border: 1px solid {line}; border-radius: 6px; }}
QHeaderView::section {{ background: {raised}; color: {quiet}; border: none; padding: 4px; }}
QProgressBar {{ border: 1px solid {line}; border-radius: 5px; background: {raised};
  text-align: center; min-height: 16px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 4px; }}
QCheckBox::indicator {{ width: 16px; height: 16px; border: 2px solid {quiet};
  border-radius: 4px; background: {surface}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url({check}); }}
QSplitter::handle {{ background: {line}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; }}
"""


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
        check = path("icons", f"check-{'dark' if dark else 'light'}.svg").as_posix()
        self._application.setStyleSheet(SHEET.format(check=check, **values))
        self.changed.emit(self.tokens)


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
