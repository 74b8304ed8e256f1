"""A fold-out: a button with an arrow, and what it shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from gui.widgets.basic import column


class FoldOut(QWidget):
    """Opens and closes by mouse, Space or Enter; says its state to screen readers by being checked."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        self.button = QToolButton()
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.toggled.connect(self._toggle)
        layout = column(self, spacing=4)
        layout.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(content)
        content.hide()

    def set_title(self, text: str) -> None:
        self.button.setText(text)
        self.button.setAccessibleName(text)

    def set_open(self, is_open: bool) -> None:
        self.button.setChecked(is_open)

    def _toggle(self, is_open: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.content.setVisible(is_open)
