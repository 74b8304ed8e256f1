"""Fields of the forms: file picker, box and number. The mouse wheel scrolls the page, not a value it happens to hit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QSpinBox, QWidget

NARROW = 280
"""Width of boxes and numbers, so that a form has one edge."""


class Choice(QComboBox):
    """(word, value) pairs; `changed` is called with the value."""

    def __init__(self, options: list[tuple[str, str]], value: str, changed: Callable[[str], None]) -> None:
        super().__init__()
        self.setMinimumWidth(NARROW)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for word, data in options:
            self.addItem(word, data)
        self.setCurrentIndex(max(self.findData(value), 0))
        self.currentIndexChanged.connect(lambda index: changed(self.itemData(index)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Number(QSpinBox):
    """`changed` is called when the value is committed."""

    def __init__(self, value: int, least: int, most: int, changed: Callable[[int], None], step: int = 1) -> None:
        super().__init__()
        self.setMinimumWidth(NARROW)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setValue(value)
        self.editingFinished.connect(lambda: changed(self.value()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class FileField(QWidget):
    """A path that can be typed or picked; `changed` is called when it is committed."""

    def __init__(self, value: str, button: str, pattern: str, changed: Callable[[str], None]) -> None:
        super().__init__()
        self._pattern = pattern
        self._changed = changed
        self.edit = QLineEdit(value)
        self.edit.editingFinished.connect(self._commit)
        self.button = QPushButton(button)
        self.button.clicked.connect(self._pick)
        self._last = value
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.edit)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.edit.setAccessibleName(name)
        self.button.setAccessibleName(f"{name}: {self.button.text()}")

    def _pick(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.button.text(), self.edit.text(), self._pattern)
        if name:
            self.edit.setText(name)
            self._commit()

    def _commit(self) -> None:
        if self.edit.text() != self._last:
            self._last = self.edit.text()
            self._changed(self._last)
