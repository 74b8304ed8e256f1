"""What can be put back, newest first."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.language import Language
from gui.widgets.basic import column, label
from guide.chapters.catalogue import step
from guide.session import UndoItem


class UndoPanel(QFrame):
    """One row per change; its button undoes everything down to that step."""

    def __init__(self, items: tuple[UndoItem, ...], language: Language, undo: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        layout = column(self, margin=14, spacing=6)
        if not items:
            layout.addWidget(label(self.tr("Nothing is there to undo."), "quiet"))
        for item in items:
            number = label(step(item.step).number, "quiet")
            number.setFixedWidth(32)
            when = label(time.strftime("%Y-%m-%d %H:%M", time.localtime(item.at)), "quiet")
            when.setWordWrap(False)
            button = QPushButton(self.tr("Undo down to here…"))
            button.setAccessibleName(f"{button.text()} {language.say(item.title)}")
            button.clicked.connect(lambda _=False, step_id=item.step: undo(step_id))
            row = QHBoxLayout()
            row.addWidget(number)
            row.addWidget(label(undo_line(item, language), "warn" if item.costs else ""), 1)
            row.addWidget(when)
            row.addWidget(button)
            layout.addLayout(row)


def undo_line(item: UndoItem, language: Language) -> str:
    """What undoing does, and what it costs."""
    costs = (language.catalogue.template(f"cost.{cost.value}") for cost in item.costs)
    return " – ".join((language.say(item.title), *(f"! {cost}" for cost in sorted(costs))))
