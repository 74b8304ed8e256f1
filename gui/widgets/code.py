"""Lines in a fixed font, as high as they need: wrapped, never cut off, because what is not seen is not agreed to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from gui.style.theme import mono_font
from gui.style.tokens import Tokens

MOST_LINES = 30
"""More lines than this scroll inside the view."""

Line = tuple[str, str]
"""(kind, text): kind is "+", "-" or ""; the text carries the sign too, so that colour is never the only sign."""


class CodeView(QPlainTextEdit):
    """Read only; Tab leaves it."""

    def __init__(self, lines: list[Line], tokens: Tokens, name: str) -> None:
        super().__init__()
        self.setObjectName("code")
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFont(mono_font())
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        cursor = self.textCursor()
        for number, (kind, text) in enumerate(lines):
            if number:
                cursor.insertBlock()
            block, letters = _formats(kind, tokens)
            cursor.setBlockFormat(block)
            cursor.insertText(text, letters)
        cursor.movePosition(QTextCursor.MoveOperation.Start)
        self.setTextCursor(cursor)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lines = int(self.document().size().height())
        shown = min(lines, MOST_LINES)
        asneeded, off = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(asneeded if lines > shown else off)
        margins = 2 * (self.frameWidth() + int(self.document().documentMargin()))
        height = shown * self.fontMetrics().lineSpacing() + margins
        if height != self.height():
            self.setFixedHeight(height)


def _formats(kind: str, tokens: Tokens) -> tuple[QTextBlockFormat, QTextCharFormat]:
    letters, back = {
        "+": (tokens.added, tokens.added_back),
        "-": (tokens.removed, tokens.removed_back),
    }.get(kind, (tokens.text, ""))
    block, char = QTextBlockFormat(), QTextCharFormat()
    char.setForeground(QColor(letters))
    if back:
        block.setBackground(QColor(back))
    return block, char
