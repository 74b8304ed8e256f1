"""The page of a step: outcome, what will change, choices, checks, why, and the action row."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QLineEdit, QScrollArea, QSpinBox, QWidget

from gui.language import Language
from gui.panels.catalogue import form_for, notes_for, results_for
from gui.snapshot import Snapshot
from gui.style.theme import Theme
from gui.widgets.actions import ActionRow, Actions, reasons_of
from gui.widgets.basic import clear, column, label, show_role
from gui.widgets.failure import failure_view
from gui.widgets.foldout import FoldOut
from gui.widgets.prose import Prose
from gui.widgets.question import QuestionPanel
from guide.choices import Choices
from guide.events import Failed, Progress, Question
from guide.explain import explanation
from guide.message import Message
from guide.state import StepState
from guide.step import Step

STATE_ROLES = {
    StepState.DONE: "good",
    StepState.FAILED: "bad",
    StepState.NEEDS_YOU: "warn",
    StepState.READY: "accent",
    StepState.RUNNING: "accent",
    StepState.CHECKING: "accent",
}


Scroll = QAbstractSlider.SliderAction

SCROLLS = {
    Qt.Key.Key_PageUp: Scroll.SliderPageStepSub,
    Qt.Key.Key_PageDown: Scroll.SliderPageStepAdd,
    Qt.Key.Key_Home: Scroll.SliderToMinimum,
    Qt.Key.Key_End: Scroll.SliderToMaximum,
}


class StepPage(QWidget):
    """Driven by the snapshot alone; every wish of the person is a signal."""

    run_wanted = Signal(str, str)
    """The step, and the digest of the plan that was shown when the button went down."""
    next_wanted = Signal(str)
    skip_wanted = Signal(str)
    undo_wanted = Signal(str)
    cancel_wanted = Signal()
    answered = Signal(str, bool)
    choices_edited = Signal(str, object)
    report_wanted = Signal()
    survey_wanted = Signal()
    recheck_wanted = Signal()

    def __init__(self, step: Step, onward: Step | None, language: Language, theme: Theme) -> None:
        super().__init__()
        self.step = step
        self.onward = onward
        self.language = language
        self.theme = theme
        self.snapshot: Snapshot | None = None
        self.choices: Choices = Choices()
        self.failure: Failed | None = None
        self.busy = False
        self._seen = ""
        self._state = StepState.TODO
        self._form_shows: tuple[object, ...] = ()
        self._stale = True
        self._build()
        self.retranslate()

    def _build(self) -> None:
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        self.area.setWidget(body)
        self.where, self.title, self.summary = label(), label("", "title"), label("", "quiet")
        self.question_place, self.failure_place = column(), column()
        self.notes, self.form, self.results = column(spacing=12), column(), column(spacing=12)
        self.why_text = Prose()
        self.why = FoldOut(self.why_text)
        inside = column(body, margin=24, spacing=12)
        for widget in (self.where, self.title, self.summary):
            inside.addWidget(widget)
        for place in (self.question_place, self.failure_place, self.notes, self.form, self.results):
            inside.addLayout(place)
        inside.addWidget(self.why)
        inside.addStretch(1)
        self.action_row = ActionRow(self.language)
        self._wire()
        outer = column(self, spacing=0)
        outer.addWidget(self.area, 1)
        outer.addWidget(self.action_row)

    def _wire(self) -> None:
        row, step_id = self.action_row, self.step.id
        row.primary.pressed.connect(self._look)
        row.run_clicked.connect(lambda: self.run_wanted.emit(step_id, self._seen))
        row.again_clicked.connect(self.recheck_wanted)
        row.next_clicked.connect(lambda: self.next_wanted.emit(step_id))
        row.skip_clicked.connect(lambda: self.skip_wanted.emit(step_id))
        row.undo_clicked.connect(lambda: self.undo_wanted.emit(step_id))
        row.cancel_clicked.connect(self.cancel_wanted)
        row.cancel_clicked.connect(row.stopping)
        row.report_clicked.connect(self.report_wanted)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button, else the page's main one; in a field it only commits the value.

        What the focused control has no use for scrolls the page: much of it is text that cannot have the focus.
        """
        if event.key() in SCROLLS:
            self.area.verticalScrollBar().triggerAction(SCROLLS[Qt.Key(event.key())])
            return
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        focused = self.focusWidget()
        chosen = focused if isinstance(focused, QAbstractButton) else self.action_row.default()
        if chosen is not None and not isinstance(focused, QLineEdit | QSpinBox):
            chosen.click()

    def retranslate(self) -> None:
        """Another language or theme: everything is written again."""
        step, say = self.step, self.language.say
        self.title.setText(say(step.title))
        self.summary.setText(say(step.summary))
        self.why.set_title(self.tr("Why? – after the guide “PVE8.2 核显直通到Windows10”, corrected"))
        self.why_text.setAccessibleName(self.tr("Explanation of this step"))
        self.why_text.set_markdown(explanation(step.id, self.language.code))
        for panel in self.questions():
            panel.retranslate()
        self.action_row.retranslate()
        self._form_shows = ()
        self._show_state(self._state)
        self._renew()

    def set_snapshot(self, snapshot: Snapshot, choices: Choices) -> None:
        self.snapshot = snapshot
        self.choices = choices
        self._show_state(snapshot.steps[self.step.id].state)
        self._renew()

    def set_state(self, state: StepState) -> None:
        """A step that runs says so before the next snapshot."""
        self._show_state(state)

    def set_busy(self, busy: bool) -> None:
        self.busy = busy
        if not busy:
            clear(self.question_place)
        self._show_actions()

    def set_failure(self, failure: Failed | None) -> None:
        self.failure = failure
        self._renew()
        if failure is not None:
            self.area.verticalScrollBar().setValue(0)
            self._announce(self.language.catalogue.error(failure).line)

    def keep_form(self, choices: Choices) -> None:
        """These choices came from this page's own form: it shows them already and keeps the keyboard."""
        if self._form_shows:
            self._form_shows = (*self._form_shows[:-1], choices)

    def questions(self) -> list[QuestionPanel]:
        """Those that wait for an answer."""
        items = (self.question_place.itemAt(i) for i in range(self.question_place.count()))
        return [panel for item in items if item is not None and isinstance(panel := item.widget(), QuestionPanel)]

    def show_question(self, question: Question) -> None:
        """Put a question on the page and the keyboard into it."""
        clear(self.question_place)
        panel = QuestionPanel(question, self.language)
        panel.answered.connect(self._answer)
        self.question_place.addWidget(panel)
        self.area.verticalScrollBar().setValue(0)
        self._announce(self.language.say(question.title))
        QTimer.singleShot(0, panel.take_focus)

    def say(self, text: str, role: str = "good") -> None:
        """News beside the buttons."""
        self.action_row.say(text, role)
        self._announce(text)

    def show_plan(self) -> None:
        """Scroll to what would be changed; once what is written now is laid out."""
        QTimer.singleShot(0, self._scroll_to_plan)

    def show_progress(self, event: Progress) -> None:
        self.action_row.activity.show_progress(event)

    def take_focus(self) -> None:
        """Where a keyboard user continues on this page."""
        questions = self.questions()
        default = self.action_row.default()
        if questions:
            questions[0].take_focus()
        elif default is not None:
            default.setFocus()
        else:
            self.why.button.setFocus()

    def refresh(self) -> None:
        """Write the page's content from the snapshot."""
        self._stale = False
        scrolled = self.area.verticalScrollBar().value()
        for place in (self.failure_place, self.notes, self.results):
            clear(place)
        if self.failure is not None:
            self.failure_place.addWidget(failure_view(self.failure, self.language, self.theme.tokens))
        if self.snapshot is not None and self.snapshot.view is not None:
            for widget in notes_for(self):
                self.notes.addWidget(widget)
            self._show_form(self.snapshot)
            for widget in results_for(self):
                self.results.addWidget(widget)
        self._show_actions()
        QTimer.singleShot(0, lambda: self.area.verticalScrollBar().setValue(scrolled))

    def _renew(self) -> None:
        """Pages that nobody sees are written when they are shown."""
        self._stale = True
        if self.isVisible():
            self.refresh()

    def _show_form(self, snapshot: Snapshot) -> None:
        """The form is built anew only for other facts or answers from elsewhere, so that typing is never disturbed."""
        facts = snapshot.view.facts if snapshot.view else None
        settled = snapshot.steps[self.step.id].state.is_settled
        wanted = (facts, settled, self.choices)
        same = self._form_shows and self._form_shows[0] is facts and self._form_shows[1:] == wanted[1:]
        if not same:
            clear(self.form)
            self._form_shows = wanted
            form = form_for(self)
            if form is not None:
                self.form.addWidget(form)

    def _show_state(self, state: StepState) -> None:
        self._state = state
        word = self.language.catalogue.template(f"state.{state.value}")
        number = self.tr("Step %1").replace("%1", self.step.number)
        self.where.setText(f"{number}  ·  {state.glyph} {word}")
        show_role(self.where, STATE_ROLES.get(state, "quiet"))

    def _show_actions(self) -> None:
        snapshot = self.snapshot
        mine = snapshot.steps[self.step.id] if snapshot else None
        reasons: tuple[str, ...] = (self.tr("The host has not been read yet."),)
        if mine is not None:
            reasons = reasons_of(tuple(self._spoken(blocker) for blocker in mine.blockers), self.language)
        undo = snapshot.undo if snapshot else ()
        self.action_row.show_actions(
            Actions(
                verb=self.language.say(self.step.verb_for(mine.plan.changes if mine else ())),
                onward=self.language.say(self.onward.short) if self.onward else "",
                state=mine.state if mine else StepState.TODO,
                reasons=reasons,
                busy=self.busy,
                optional=self.step.optional,
                undoable=any(item.step == self.step.id for item in undo),
                report=self.step.id == "done",
            )
        )

    def _spoken(self, blocker: Message) -> Message:
        """A forbidding finding is named by its claim, not by its id."""
        identity = blocker.params.get("finding", "")
        findings = self.snapshot.findings if self.snapshot else ()
        claim = next((finding.claim for finding in findings if finding.id == identity), None)
        return Message(blocker.key, {"finding": self.language.say(claim)}) if claim else blocker

    def _scroll_to_plan(self) -> None:
        first = self.results.itemAt(0)
        if first is not None:
            self.area.verticalScrollBar().setValue(first.geometry().top())

    def _look(self) -> None:
        """The button goes down before what the same click ended in a field can have changed the plan."""
        self._seen = self.snapshot.steps[self.step.id].plan.digest if self.snapshot else ""

    def _answer(self, key: str, value: bool) -> None:
        clear(self.question_place)
        self.action_row.cancel.setFocus()
        self.answered.emit(key, value)

    def _announce(self, text: str) -> None:
        """For screen readers."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
