"""The action row of a page: the verb, the way on, stop, skip, undo, report - and why not, in words.

Where the verb cannot be used, reading the host again stands beside the reasons: they may have gone meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.language import Language
from gui.widgets.activity import Activity
from gui.widgets.basic import column, label, show_role
from guide.message import Message
from guide.state import StepState

NEWS_GLYPHS = {"good": "✓", "warn": "!", "bad": "✗"}


@dataclass(frozen=True)
class Actions:
    """What the row offers. `reasons` say why the verb cannot be used now; `onward` names the step that follows."""

    verb: str
    onward: str
    state: StepState
    reasons: tuple[str, ...]
    busy: bool
    optional: bool
    undoable: bool
    report: bool


class ActionRow(QFrame):
    """One signal per button; a click says nothing else."""

    run_clicked = Signal()
    next_clicked = Signal()
    cancel_clicked = Signal()
    skip_clicked = Signal()
    undo_clicked = Signal()
    report_clicked = Signal()
    again_clicked = Signal()

    def __init__(self, language: Language) -> None:
        super().__init__()
        self.setObjectName("footer")
        self.activity = Activity(language)
        self.reason = label("", "warn")
        self.news = label("", "good")
        self.news.hide()
        self.onward = self._button(self.next_clicked, "primary")
        self.primary = self._button(self.run_clicked, "primary")
        self.cancel = self._button(self.cancel_clicked)
        self.report = self._button(self.report_clicked)
        self.skip = self._button(self.skip_clicked)
        self.undo = self._button(self.undo_clicked)
        self.again = self._button(self.again_clicked)
        self._busy = False
        why = QHBoxLayout()
        why.addWidget(self.reason, 1)
        why.addWidget(self.again, alignment=Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        for button in (self.onward, self.primary, self.cancel):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.report, self.skip, self.undo):
            row.addWidget(button)
        # A page that was not shown yet has asked for none of them: they must not make the window wide.
        for button in (self.onward, self.cancel, self.report, self.skip, self.undo, self.again):
            button.hide()
        layout = column(self, margin=14, spacing=8)
        layout.addWidget(self.activity)
        layout.addLayout(why)
        layout.addWidget(self.news)
        layout.addLayout(row)

    def show_actions(self, actions: Actions) -> None:
        """A step that is done leads on; its verb only looks again."""
        settled = actions.state.is_settled
        self._name(self.onward, self.tr("Go on: %1").replace("%1", actions.onward))
        self._name(self.primary, self.tr("Check again") if settled else actions.verb)
        self.onward.setVisible(settled and bool(actions.onward))
        self.onward.setEnabled(not actions.busy)
        show_role(self.primary, "" if settled else "primary")
        self.primary.setEnabled(not actions.busy and not actions.reasons)
        self.cancel.setVisible(actions.busy)
        self.skip.setVisible(actions.optional and not settled)
        self.skip.setEnabled(not actions.busy and not actions.reasons)
        self.undo.setVisible(actions.undoable)
        self.undo.setEnabled(not actions.busy)
        self.report.setVisible(actions.report)
        shown = [] if actions.busy else list(actions.reasons)
        self.reason.setText("\n".join(shown))
        self.reason.setVisible(bool(shown))
        self.again.setVisible(bool(shown))
        if actions.busy and not self._busy:
            self.news.hide()
            self.activity.start()
        elif not actions.busy:
            self.cancel.setEnabled(True)
            self._name_cancel()
            self.activity.stop()
        self._busy = actions.busy

    def stopping(self) -> None:
        """The person asked to stop; the current change is finished first."""
        self.cancel.setEnabled(False)
        self._name_cancel()

    def say(self, text: str, role: str = "good") -> None:
        """Something that was done just now ("good"), could not be ("bad"), or is to be looked at ("warn")."""
        self.news.setText(f"{NEWS_GLYPHS[role]} {text}")
        show_role(self.news, role)
        self.news.show()

    def retranslate(self) -> None:
        for button, text in (
            (self.undo, self.tr("Undo…")),
            (self.skip, self.tr("Skip…")),
            (self.report, self.tr("Save report…")),
            (self.again, self.tr("Read the host again")),
        ):
            self._name(button, text)
        self._name_cancel()
        self.activity.retranslate()

    def default(self) -> QPushButton | None:
        """The button that Enter stands for."""
        return next((b for b in (self.onward, self.primary, self.again) if b.isEnabled() and b.isVisibleTo(self)), None)

    def _name_cancel(self) -> None:
        """Once pressed it says so, until the work has ended."""
        waits, stops = self.tr("Stop after the current change"), self.tr("Stopping after the current change…")
        self._name(self.cancel, waits if self.cancel.isEnabled() else stops)

    def _button(self, clicked: SignalInstance, role: str = "") -> QPushButton:
        button = QPushButton()
        button.setObjectName(role)
        button.clicked.connect(clicked)
        return button

    def _name(self, button: QPushButton, text: str) -> None:
        button.setText(text)
        button.setAccessibleName(text)


def reasons_of(blockers: tuple[Message, ...], language: Language) -> tuple[str, ...]:
    """Each reason once."""
    return tuple(dict.fromkeys(language.say(blocker) for blocker in blockers))
