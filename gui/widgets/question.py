"""A question of the engine, inline on the page, with its own buttons."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from gui.language import Language
from gui.widgets.basic import label
from guide.events import Question


class QuestionPanel(QFrame):
    """`answered` carries key and answer. A dangerous yes is not the default; the safe button has the focus."""

    answered = Signal(str, bool)

    def __init__(self, question: Question, language: Language) -> None:
        super().__init__()
        self.question = question
        self.setObjectName("warnBanner" if question.danger else "goodBanner")
        layout = QVBoxLayout(self)
        layout.addWidget(label(language.say(question.title), "section"))
        layout.addWidget(label(language.say(question.text)))
        row = QHBoxLayout()
        self.yes = QPushButton(language.say(question.yes))
        self.yes.setObjectName("danger" if question.danger else "primary")
        self.yes.setAccessibleName(language.say(question.yes))
        self.yes.clicked.connect(lambda: self._answer(True))
        row.addWidget(self.yes)
        self.no: QPushButton | None = None
        if question.no is not None:
            self.no = QPushButton(language.say(question.no))
            self.no.setAccessibleName(language.say(question.no))
            self.no.clicked.connect(lambda: self._answer(False))
            row.addWidget(self.no)
        row.addStretch(1)
        layout.addLayout(row)

    def take_focus(self) -> None:
        """Where a keyboard user continues."""
        safe = self.no if self.question.danger and self.no is not None else self.yes
        safe.setFocus()

    def _answer(self, value: bool) -> None:
        self.yes.setEnabled(False)
        if self.no is not None:
            self.no.setEnabled(False)
        self.answered.emit(self.question.key, value)
