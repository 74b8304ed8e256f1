"""The page of a step: outcome, what will change, choices, checks, why, and the action row."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QTextBrowser,
    QWidget,
)

from gui.language import Language
from gui.panels.extra import panels_for
from gui.snapshot import Snapshot
from gui.style.theme import Theme
from gui.widgets.basic import card, clear, column, label
from gui.widgets.checks import checks_view, findings_view
from gui.widgets.foldout import FoldOut
from gui.widgets.preview import changes_view
from gui.widgets.question import QuestionPanel
from guide.choices import Choices
from guide.events import Failed, Progress, Question
from guide.explain import explanation
from guide.message import Message
from guide.state import StepState
from guide.step import Step


class StepPage(QWidget):
    """Driven by the snapshot alone; every wish of the person is a signal."""

    run_wanted = Signal(str)
    skip_wanted = Signal(str)
    undo_wanted = Signal(str)
    cancel_wanted = Signal()
    answered = Signal(str, bool)
    choices_edited = Signal(object)
    report_wanted = Signal()

    def __init__(self, step: Step, language: Language, theme: Theme) -> None:
        super().__init__()
        self.step = step
        self.language = language
        self.theme = theme
        self.snapshot: Snapshot | None = None
        self.choices = Choices()
        self.failure: Failed | None = None
        self.busy = False
        self._build()
        self.retranslate()

    def _build(self) -> None:
        outer = column(self, spacing=0)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        self.area.setWidget(body)
        inside = column(body, margin=24, spacing=12)
        self.title = label("", "title")
        self.summary = label("", "quiet")
        self.question_place = column()
        self.content = column(spacing=12)
        why = QTextBrowser()
        why.setOpenExternalLinks(True)
        why.setMinimumHeight(260)
        self.why_text = why
        self.why = FoldOut(why)
        for item in (self.title, self.summary):
            inside.addWidget(item)
        inside.addLayout(self.question_place)
        inside.addLayout(self.content)
        inside.addWidget(self.why)
        inside.addStretch(1)
        outer.addWidget(self.area, 1)
        outer.addWidget(self._action_row())

    def _action_row(self) -> QWidget:
        frame, layout = card("raised")
        self.reason = label("", "warn")
        self.progress = QProgressBar()
        self.progress.setTextVisible(True)
        self.progress.hide()
        self.primary = QPushButton()
        self.primary.setObjectName("primary")
        self.primary.clicked.connect(lambda: self.run_wanted.emit(self.step.id))
        self.cancel = QPushButton()
        self.cancel.clicked.connect(self.cancel_wanted)
        self.undo = QPushButton()
        self.undo.clicked.connect(lambda: self.undo_wanted.emit(self.step.id))
        self.skip = QPushButton()
        self.skip.clicked.connect(lambda: self.skip_wanted.emit(self.step.id))
        self.report = QPushButton()
        self.report.clicked.connect(self.report_wanted)
        row = QHBoxLayout()
        row.addWidget(self.primary)
        row.addWidget(self.cancel)
        row.addStretch(1)
        for button in (self.report, self.skip, self.undo):
            row.addWidget(button)
        layout.addWidget(self.progress)
        layout.addWidget(self.reason)
        layout.addLayout(row)
        return frame

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.primary.isEnabled():
            self.primary.setFocus()

    def retranslate(self) -> None:
        """Another language: everything is written again."""
        step = self.step
        self.title.setText(self.language.say(step.title))
        self.summary.setText(self.language.say(step.summary))
        self.why.set_title(self.tr("Why? – after the guide “PVE8.2 核显直通到Windows10”, corrected"))
        self.why_text.setAccessibleName(self.tr("Explanation of this step"))
        self.why_text.setMarkdown(explanation(step.id, self.language.code))
        for button, text in (
            (self.primary, self.language.say(step.verb)),
            (self.cancel, self.tr("Stop after the current change")),
            (self.undo, self.tr("Undo…")),
            (self.skip, self.tr("Skip…")),
            (self.report, self.tr("Save report…")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self.progress.setAccessibleName(self.tr("Progress"))
        self.refresh()

    def set_snapshot(self, snapshot: Snapshot, choices: Choices) -> None:
        self.snapshot = snapshot
        self.choices = choices
        self.refresh()

    def set_busy(self, busy: bool) -> None:
        self.busy = busy
        if not busy:
            self.progress.hide()
            clear(self.question_place)
        self._refresh_actions()

    def set_failure(self, failure: Failed | None) -> None:
        self.failure = failure
        self.refresh()

    def show_question(self, question: Question) -> None:
        """Put a question on the page and the keyboard into it."""
        clear(self.question_place)
        panel = QuestionPanel(question, self.language)
        panel.answered.connect(self.answered)
        self.question_place.addWidget(panel)
        self.area.verticalScrollBar().setValue(0)
        QTimer.singleShot(0, panel.take_focus)

    def show_progress(self, event: Progress) -> None:
        """Bytes with a rate where the total is known; otherwise the note and the time so far."""
        self.progress.show()
        note = self.language.say(event.note) if event.note else ""
        if event.total and event.unit == "bytes":
            self.progress.setRange(0, 1000)
            self.progress.setValue(int(1000 * event.done / event.total))
            self.progress.setFormat(f"{event.done / 1e6:.1f} / {event.total / 1e6:.1f} MB")
            return
        self.progress.setRange(0, 0)
        minutes, seconds = divmod(int(event.done), 60)
        self.progress.setFormat(f"{note}  {minutes}:{seconds:02d}")
        self.reason.setText(f"{note} – {minutes}:{seconds:02d}")
        self.reason.show()

    def refresh(self) -> None:
        """Write the page's content from the snapshot."""
        clear(self.content)
        self._refresh_actions()
        if self.failure is not None:
            self.content.addWidget(self._failure_banner(self.failure))
        if self.snapshot is None or self.snapshot.view is None:
            return
        mine = self.snapshot.steps[self.step.id]
        if self.step.id == "check":
            self.content.addWidget(findings_view(self.snapshot.view.findings, self.language, self.theme.tokens))
        for panel in panels_for(self):
            self.content.addWidget(panel)
        if mine.plan.changes:
            self._section(self.tr("What will change"))
            self.content.addWidget(changes_view(mine.plan.changes, self.language, self.theme.tokens))
        if mine.checks:
            self._section(self.tr("Checks"))
            acted = mine.state not in (StepState.TODO, StepState.READY, StepState.NEEDS_YOU, StepState.UNDONE)
            self.content.addWidget(checks_view(mine.checks, self.language, acted or self.step.id == "check"))

    def _section(self, text: str) -> None:
        self.content.addWidget(label(text, "section"))

    def _refresh_actions(self) -> None:
        mine = self.snapshot.steps[self.step.id] if self.snapshot else None
        blockers: tuple[Message, ...] = mine.blockers if mine else ()
        can_act = mine is not None and not blockers and not self.busy
        self.primary.setEnabled(can_act)
        self.cancel.setVisible(self.busy)
        self.skip.setVisible(self.step.optional)
        self.skip.setEnabled(can_act)
        mine_undo = [item for item in self.snapshot.undo if item.step == self.step.id] if self.snapshot else []
        self.undo.setEnabled(bool(mine_undo) and not self.busy)
        self.undo.setVisible(bool(mine_undo))
        self.report.setVisible(self.step.id == "done")
        reasons = [self.language.say(blocker) for blocker in blockers]
        if self.busy:
            reasons = [self.tr("The program is working; see the log below.")]
        elif mine is None:
            reasons = [self.tr("The host has not been read yet.")]
        elif mine.state is StepState.DONE:
            reasons = []
        self.reason.setText("\n".join(dict.fromkeys(reasons)))
        self.reason.setVisible(bool(reasons))

    def _failure_banner(self, failure: Failed) -> QWidget:
        frame, layout = card("badBanner")
        text = self.language.catalogue.error(failure.code, dict(failure.params))
        layout.addWidget(label(f"✗ {text.what}", "section"))
        layout.addWidget(label(text.means))
        layout.addWidget(label(f"→ {text.do}"))
        if failure.detail.strip():
            layout.addWidget(label(f"| {failure.detail.strip()}", "quiet", selectable=True))
        return frame
