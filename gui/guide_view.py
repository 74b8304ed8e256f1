"""The guide of one host: rail, pages, log drawer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QSplitter, QStackedWidget, QWidget

from gui.controller import Controller
from gui.dialogs import confirm
from gui.language import Language
from gui.panels.undo import undo_line
from gui.snapshot import Snapshot
from gui.step_page import StepPage
from gui.style.theme import Theme
from gui.widgets.basic import column
from gui.widgets.log import LogDrawer
from gui.widgets.rail import Rail
from guide.bundle.store import save_bundle
from guide.chapters.catalogue import STEPS
from guide.choices import Choices
from guide.events import Asked, Failed, Progress, StateChanged
from guide.message import message
from guide.state import StepState

ORDER = [step.id for step in STEPS]


class GuideView(QWidget):
    """Glues the controller's signals to the pages."""

    def __init__(self, controller: Controller, language: Language, theme: Theme) -> None:
        super().__init__()
        self.controller = controller
        self._language = language
        self.rail = Rail(language, theme)
        self.pages = QStackedWidget()
        self.log = LogDrawer(language, theme)
        self.page: dict[str, StepPage] = {}
        self._running = ""
        self._reading = False
        self._undo_page = ""
        self._wish: tuple[str, str] | None = None
        self._arrived = False
        for step, onward in zip(STEPS, (*STEPS[1:], None), strict=True):
            self._add_page(StepPage(step, onward, language, theme))
        self._lay_out()
        self._connect()
        self.rail.select("connect")

    def retranslate(self) -> None:
        """Another language or theme."""
        self.rail.retranslate()
        self.log.retranslate()
        for page in self.page.values():
            page.retranslate()

    def _show_report(self, path: Path) -> None:
        """Tell where the report is."""
        text = self.tr("The report was saved: %1").replace("%1", str(path))
        self.page["done"].say(text)

    def _tell(self, text: str, role: str) -> None:
        """Where the person is."""
        self._shown().say(text, role)

    def _add_page(self, page: StepPage) -> None:
        self.page[page.step.id] = page
        self.pages.addWidget(page)
        page.run_wanted.connect(self._run)
        page.next_wanted.connect(self._go_on)
        page.skip_wanted.connect(self._skip)
        page.undo_wanted.connect(self._undo)
        page.cancel_wanted.connect(self.controller.cancel)
        page.answered.connect(self._answer)
        page.choices_edited.connect(self._edit)
        page.report_wanted.connect(self._save_report)
        page.survey_wanted.connect(self._save_survey)
        page.recheck_wanted.connect(self._check_again)

    def _lay_out(self) -> None:
        upper = QSplitter(Qt.Orientation.Horizontal)
        upper.addWidget(self.rail)
        upper.addWidget(self.pages)
        upper.setStretchFactor(1, 1)
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.addWidget(upper)
        whole.addWidget(self.log)
        whole.setStretchFactor(0, 1)
        whole.setSizes([600, 150])
        for splitter in (upper, whole):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(1)
        column(self).addWidget(whole)

    def _connect(self) -> None:
        controller = self.controller
        self.rail.chosen.connect(self._show)
        self.rail.entered.connect(lambda: self._shown().take_focus())
        controller.snapshot_changed.connect(self._take)
        controller.logged.connect(self.log.append)
        controller.asked.connect(self._ask)
        controller.progressed.connect(self._progress)
        controller.state_changed.connect(self._state)
        controller.failed.connect(self._fail)
        controller.busy_changed.connect(self._busy)
        controller.idle.connect(self._grant)
        controller.report_written.connect(self._show_report)
        controller.report_not_written.connect(lambda why: self._tell(why, "bad"))
        self.log.told.connect(self._tell)

    def _shown(self) -> StepPage:
        return self.page[ORDER[self.pages.currentIndex()]]

    def _show(self, step_id: str) -> None:
        self.pages.setCurrentWidget(self.page[step_id])

    def _run(self, step_id: str, seen: str) -> None:
        """The click may have ended an input that is still being judged: then the plan is awaited first."""
        if not self.controller.working:
            self._wish = (step_id, seen)
            self._grant()

    def _grant(self) -> None:
        """Only the plan that the person saw when pressing is run; another one is shown, and it is said."""
        snapshot = self.controller.snapshot
        if self._wish is None or snapshot is None or self.controller.busy:
            return
        (step_id, seen), self._wish = self._wish, None
        page, mine = self.page[step_id], snapshot.steps[step_id]
        if mine.plan.digest == seen:
            page.set_failure(None)
            self._running = step_id
            self.controller.run(step_id, seen)
        elif not mine.blockers:
            page.say(self.tr("Your answer has changed the plan. Look at it, then press again."), "warn")
            page.show_plan()

    def _take(self, snapshot: Snapshot) -> None:
        for step_id, page in self.page.items():
            page.set_snapshot(snapshot, self.controller.choices)
            self.rail.set_state(step_id, snapshot.steps[step_id].state)
        if not self._arrived and snapshot.view is not None:
            self._arrived = True
            self._arrive(snapshot)

    def _arrive(self, snapshot: Snapshot) -> None:
        """A new host is looked at first; on one where work was begun, at the first open step."""
        open_steps = [step_id for step_id in ORDER if not snapshot.steps[step_id].state.is_settled]
        self.rail.select(open_steps[0] if snapshot.undo and open_steps else "check")
        self._shown().take_focus()

    def _go_on(self, step_id: str) -> None:
        following = ORDER.index(step_id) + 1
        if following < len(ORDER):
            self.rail.select(ORDER[following])
            self._shown().take_focus()

    def _ask(self, event: Asked) -> None:
        if event.step in self.page:
            self.rail.select(event.step)
            self.page[event.step].show_question(event.question)
            self._state(StateChanged(event.at, event.step, StepState.NEEDS_YOU))
            QApplication.alert(self)

    def _answer(self, key: str, value: bool) -> None:
        self.controller.answer(key, value)
        self._state(StateChanged(0.0, self._shown().step.id, StepState.RUNNING))

    def _progress(self, event: Progress) -> None:
        if event.step in self.page:
            self.page[event.step].show_progress(event)

    def _state(self, event: StateChanged) -> None:
        if event.step in self.page:
            self.rail.set_state(event.step, event.state)
            self.page[event.step].set_state(event.state)

    def _fail(self, event: Failed) -> None:
        step_id = self._undo_page or event.step or "connect"
        if step_id in self.page:
            self.page[step_id].set_failure(event)

    def _busy(self, busy: bool) -> None:
        for page in self.page.values():
            page.set_busy(busy)
        if busy:
            return
        if self._running:
            self._ended(self._running)
        elif self._reading:
            self._shown().take_focus()
        self._running, self._reading, self._undo_page = "", False, ""

    def _ended(self, step_id: str) -> None:
        """To the next step, if this one is settled and the person is still where the work was done."""
        QApplication.alert(self)
        snapshot = self.controller.snapshot
        if self._shown() is not self.page[step_id] or snapshot is None:
            return
        if snapshot.steps[step_id].state.is_settled:
            self._go_on(step_id)
        else:
            self._shown().take_focus()

    def _edit(self, step_id: str, edit: object) -> None:
        changed = edit(self.controller.choices) if callable(edit) else None
        if isinstance(changed, Choices) and changed != self.controller.choices:
            self.page[step_id].keep_form(changed)
            self.controller.set_choices(changed, step_id)

    def _skip(self, step_id: str) -> None:
        step = self.page[step_id].step
        title = self.tr("Skip step %1, “%2”?").replace("%1", step.number)
        title = title.replace("%2", self._language.say(step.short))
        if confirm(title, self._language.say(step.skip_consequence), self.tr("Skip"), self):
            self.controller.skip(step_id)

    def _undo(self, step_id: str) -> None:
        snapshot = self.controller.snapshot
        lowest = ORDER.index(step_id)
        items = [item for item in snapshot.undo if ORDER.index(item.step) >= lowest] if snapshot else []
        lines = "\n".join(f"• {undo_line(item, self._language)}" for item in items)
        title = self.tr("Undo this on %1?").replace("%1", self.controller.session.host.name)
        if items and confirm(title, lines, self.tr("Undo these changes"), self):
            for page in self.page.values():
                page.set_failure(None)
            self._undo_page = self._shown().step.id
            self.controller.undo(step_id, self._undo_page)

    def _check_again(self) -> None:
        if not self.controller.working:
            page = self._shown()
            page.set_failure(None)
            self._reading = True
            self.controller.survey(page.step.id)

    def _save_survey(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the survey"), "survey.json", "JSON (*.json)")
        snapshot = self.controller.snapshot
        if not name or snapshot is None or snapshot.view is None:
            return
        try:
            save_bundle(snapshot.view.facts, Path(name))
        except OSError as error:
            self.page["check"].say(f"{name}: {error.strerror}", "bad")
            return
        self.page["check"].say(self._language.say(message("survey.saved", path=name)))

    def _save_report(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Where to save the report"))
        if folder:
            self.controller.write_report(Path(folder), self._language.code, "done")
