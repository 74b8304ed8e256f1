"""Enter presses the button that has the focus, as Space does; in text fields it only ends the input."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox


class EnterPresses(QObject):
    """An event filter for the application."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.isAutoRepeat():
            return False
        if isinstance(watched, QAbstractButton) and not isinstance(watched.parent(), QComboBox) and watched.isEnabled():
            watched.click()
            return True
        return False
