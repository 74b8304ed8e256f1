"""The guide of one host: rail, pages, log drawer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QSplitter, QStackedWidget, QWidget

from gui.controller import Controller
from gui.language import Language
from gui.snapshot import Snapshot
from gui.step_page import StepPage
from gui.style.theme import Theme
from gui.widgets.basic import column
from gui.widgets.log import LogDrawer
from gui.widgets.rail import Rail
from guide.chapters.catalogue import STEPS
from guide.choices import Choices
from guide.events import Asked, Failed, Progress, StateChanged
from guide.state import StepState

RUNNING = (StepState.CHECKING, StepState.RUNNING)


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
        for step in STEPS:
            self._add_page(StepPage(step, language, theme))
        self._lay_out()
        self._connect()
        self.rail.select("connect")

    def retranslate(self) -> None:
        """Another language or theme."""
        self.rail.retranslate()
        self.log.retranslate()
        for page in self.page.values():
            page.retranslate()

    def _add_page(self, page: StepPage) -> None:
        self.page[page.step.id] = page
        self.pages.addWidget(page)
        page.run_wanted.connect(self._run)
        page.skip_wanted.connect(self._skip)
        page.undo_wanted.connect(self._undo)
        page.cancel_wanted.connect(self.controller.cancel)
        page.answered.connect(self.controller.answer)
        page.choices_edited.connect(self._edit)
        page.report_wanted.connect(self._save_report)

    def _lay_out(self) -> None:
        upper = QSplitter(Qt.Orientation.Horizontal)
        upper.addWidget(self.rail)
        upper.addWidget(self.pages)
        upper.setStretchFactor(1, 1)
        upper.setChildrenCollapsible(False)
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.addWidget(upper)
        whole.addWidget(self.log)
        whole.setStretchFactor(0, 1)
        whole.setSizes([600, 150])
        column(self).addWidget(whole)

    def _connect(self) -> None:
        controller = self.controller
        self.rail.chosen.connect(self._show)
        controller.snapshot_changed.connect(self._take)
        controller.logged.connect(self.log.append)
        controller.asked.connect(self._ask)
        controller.progressed.connect(self._progress)
        controller.state_changed.connect(self._state)
        controller.failed.connect(self._fail)
        controller.busy_changed.connect(self._busy)

    def _show(self, step_id: str) -> None:
        self.pages.setCurrentWidget(self.page[step_id])

    def _run(self, step_id: str) -> None:
        snapshot = self.controller.snapshot
        if snapshot is not None and not self.controller.busy:
            self.page[step_id].set_failure(None)
            self._running = step_id
            self.controller.run(step_id, snapshot.steps[step_id].plan.digest)

    def _take(self, snapshot: Snapshot) -> None:
        for step_id, page in self.page.items():
            page.set_snapshot(snapshot, self.controller.choices)
            self.rail.set_state(step_id, snapshot.steps[step_id].state)
        if self._running and snapshot.steps[self._running].state.is_settled:
            self._go_on(self._running)
        self._running = ""

    def _go_on(self, step_id: str) -> None:
        """To the next step, if the person is still where the work was done."""
        if self.pages.currentWidget() is self.page[step_id]:
            order = [step.id for step in STEPS]
            following = order.index(step_id) + 1
            if following < len(order):
                self.rail.select(order[following])

    def _ask(self, event: Asked) -> None:
        page = self.page.get(event.step)
        if page is not None:
            self.rail.select(event.step)
            page.show_question(event.question)
            if event.question.no is not None:
                self.rail.set_state(event.step, StepState.NEEDS_YOU)

    def _progress(self, event: Progress) -> None:
        if event.step in self.page:
            self.page[event.step].show_progress(event)

    def _state(self, event: StateChanged) -> None:
        if event.step in self.page:
            self.rail.set_state(event.step, event.state)

    def _fail(self, event: Failed) -> None:
        step_id = event.step or self._running or "connect"
        if step_id in self.page:
            self.page[step_id].set_failure(event)

    def _busy(self, busy: bool) -> None:
        for page in self.page.values():
            page.set_busy(busy)

    def _edit(self, edit: object) -> None:
        if callable(edit):
            changed = edit(self.controller.choices)
            if isinstance(changed, Choices):
                self.controller.set_choices(changed)

    def _skip(self, step_id: str) -> None:
        consequence = self._language.say(self.page[step_id].step.skip_consequence)
        if self._confirm(self.tr("Skip this step?"), consequence, self.tr("Skip")):
            self.controller.skip(step_id)

    def _undo(self, step_id: str) -> None:
        snapshot = self.controller.snapshot
        order = [step.id for step in STEPS]
        items = [item for item in snapshot.undo if order.index(item.step) >= order.index(step_id)] if snapshot else []
        lines = "\n".join(f"• {self._language.say(item.title)}" for item in items)
        host = self.controller.session.host.name
        title = self.tr("Undo on %1?").replace("%1", host)
        if items and self._confirm(title, lines, self.tr("Undo")):
            self.controller.undo(step_id)

    def _confirm(self, title: str, text: str, verb: str) -> bool:
        """Names the object, the verb is on the button, Cancel has the focus."""
        box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=self)
        box.setInformativeText(text)
        yes = box.addButton(verb, QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        box.exec()
        return box.clickedButton() is yes

    def _save_report(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Where to save the report"))
        if folder:
            self.controller.write_report(Path(folder), self._language.code)
