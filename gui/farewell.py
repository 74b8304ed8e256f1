"""The page of a host that was left while something was being changed on it: what is waited for, and the way past."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.controller import Controller
from gui.dialogs import ConfirmDialog
from gui.language import Language
from gui.widgets.activity import Activity
from gui.widgets.basic import card, column, label


class Farewell(QWidget):
    """`ended`: the host is closed. `quit_now`: the person does not wait, and was told what that may leave behind."""

    ended = Signal()
    quit_now = Signal()

    def __init__(self, controller: Controller, language: Language, quitting: bool) -> None:
        super().__init__()
        self.quitting = quitting
        self._host = controller.session.host.name
        self._language = language
        self._asking: ConfirmDialog | None = None
        self.title, self.text, self.then = label("", "title"), label(""), label("", "quiet")
        self.activity = Activity(language)
        self.quit = QPushButton()
        self.quit.clicked.connect(self.ask)
        frame, inside = card()
        inside.addWidget(self.activity)
        inside.addWidget(self.text)
        inside.addWidget(self.then)
        row = QHBoxLayout()
        row.addWidget(self.quit)
        row.addStretch(1)
        outer = column(self, margin=32, spacing=18)
        outer.addWidget(self.title)
        outer.addWidget(frame)
        outer.addLayout(row)
        outer.addStretch(1)
        controller.progressed.connect(self.activity.show_progress)
        controller.ended.connect(self._end)
        self.activity.start()
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Another language, or another end."""
        self.title.setText(self.tr("Finishing the current change on %1…").replace("%1", self._host))
        self.text.setText(
            self.tr(
                "A command that runs is finished first; a copy or a wait is broken off in good order. "
                "Nothing new is begun, and all of it is in the journal."
            )
        )
        back, end = self.tr("Then the start page comes back."), self.tr("Then the program ends by itself.")
        self.then.setText(end if self.quitting else back)
        self.quit.setText(self.tr("Quit anyway…"))
        self.quit.setAccessibleName(self.quit.text())
        self.activity.retranslate()

    def quit_after(self) -> None:
        """The window was closed: the program ends when the change has; a second time asks whether to wait at all."""
        if self.quitting:
            self.ask()
        self.quitting = True
        self.retranslate()

    def ask(self) -> None:
        """Whether to quit without waiting. The question goes away by itself when the waiting is over."""
        if self._asking is not None:
            return
        title = self.tr("Quit in the middle of a change?")
        text = self.tr(
            "The connection is cut off at once. A command that runs on the host may go on there, a file that is being "
            "copied stays half copied under a temporary name, and the journal does not know how the change ended. "
            "Next time the program reads the host first: run the step again, or undo it."
        )
        self._asking = ConfirmDialog(title, text, self.tr("Quit anyway"), self)
        self._asking.finished.connect(self._answered)
        self._asking.open()

    def _answered(self, answer: int) -> None:
        dialog, self._asking = self._asking, None
        if dialog is not None:
            dialog.deleteLater()
            if answer:
                self.quitting = True
                self.quit_now.emit()

    def _end(self) -> None:
        if self._asking is not None:
            self._asking.reject()
        self.ended.emit()
