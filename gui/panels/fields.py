"""Fields with a file picker."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class FileField(QWidget):
    """A path that can be typed or picked; `changed` is called when it is committed."""

    def __init__(self, value: str, button: str, pattern: str, changed: Callable[[str], None]) -> None:
        super().__init__()
        self._pattern = pattern
        self._changed = changed
        self.edit = QLineEdit(value)
        self.edit.editingFinished.connect(self._commit)
        self.button = QPushButton(button)
        self.button.setAccessibleName(button)
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

    def _pick(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.button.text(), self.edit.text(), self._pattern)
        if name:
            self.edit.setText(name)
            self._commit()

    def _commit(self) -> None:
        if self.edit.text() != self._last:
            self._last = self.edit.text()
            self._changed(self._last)
