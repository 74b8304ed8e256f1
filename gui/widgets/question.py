"""A question of the engine, inline on the page, with its own buttons."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.language import Language
from gui.widgets.basic import column, label
from guide.events import Question


class QuestionPanel(QFrame):
    """`answered` carries key and answer. Where yes is dangerous, no has the focus; the verb is on the button."""

    answered = Signal(str, bool)

    def __init__(self, question: Question, language: Language) -> None:
        super().__init__()
        self.question = question
        self._language = language
        self.setObjectName("warnBanner" if question.danger else "goodBanner")
        self._title, self._text = label("", "section"), label("")
        self.yes = QPushButton()
        self.yes.setObjectName("danger" if question.danger else "primary")
        self.yes.clicked.connect(lambda: self.answered.emit(self.question.key, True))
        self.no = QPushButton() if question.no is not None else None
        row = QHBoxLayout()
        row.addWidget(self.yes)
        if self.no is not None:
            self.no.clicked.connect(lambda: self.answered.emit(self.question.key, False))
            row.addWidget(self.no)
        row.addStretch(1)
        layout = column(self, margin=14, spacing=8)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addLayout(row)
        self.retranslate()

    def retranslate(self) -> None:
        """Another language."""
        question, say = self.question, self._language.say
        self._title.setText(say(question.title))
        self._text.setText("\n".join(say(part) for part in (question.text, *question.extra)))
        for button, words in ((self.yes, question.yes), (self.no, question.no)):
            if button is not None and words is not None:
                button.setText(say(words))
                button.setAccessibleName(say(words))

    def take_focus(self) -> None:
        """Where a keyboard user continues."""
        safe = self.no if self.question.danger and self.no is not None else self.yes
        safe.setFocus()
