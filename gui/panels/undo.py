"""What can be put back, newest first."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.language import Language
from gui.widgets.basic import column, label
from guide.session import UndoItem


class UndoPanel(QFrame):
    """One row per change; its button undoes everything down to that step."""

    def __init__(self, items: tuple[UndoItem, ...], language: Language, undo: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        layout = column(self, margin=14, spacing=8)
        if not items:
            layout.addWidget(label(self.tr("Nothing is there to undo."), "quiet"))
        for item in items:
            row = QHBoxLayout()
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(item.at))
            row.addWidget(label(language.say(item.title)), 1)
            row.addWidget(label(when, "quiet"))
            button = QPushButton(self.tr("Undo down to here"))
            button.setAccessibleName(f"{button.text()}: {language.say(item.title)}")
            button.clicked.connect(lambda _=False, step=item.step: undo(step))
            row.addWidget(button)
            layout.addLayout(row)
