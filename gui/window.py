"""The one window: header, start page, and the guide of the open host."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QStyle, QWidget

from gui.controller import Controller
from gui.dialogs import confirm
from gui.entrance import Entrance
from gui.farewell import Farewell
from gui.guide_view import ORDER, GuideView
from gui.header import Header
from gui.keys import EnterPresses
from gui.language import Language
from gui.opening import Opened
from gui.settings import Settings, settings_path
from gui.start_page import StartPage
from gui.style.theme import Mode, Theme
from gui.survey_view import SurveyView
from gui.widgets.basic import column
from guide.facts.model import Facts

log = logging.getLogger(__name__)


def first_size(available: QSize, title_bar: int) -> QSize:
    """That of a window opened for the first time: never larger than the screen has room for."""
    return QSize(1280, 800).boundedTo(QSize(available.width(), available.height() - title_bar))


class MainWindow(QMainWindow):
    """Nothing of the network or the keyring is loaded before the first paint (facts: performance.md section 4)."""

    def __init__(self, language: Language, theme: Theme, settings: Settings | None = None) -> None:
        super().__init__()
        self.language = language
        self.theme = theme
        self.settings = settings or Settings()
        self.guide: GuideView | None = None
        self.survey: SurveyView | None = None
        self.farewell: Farewell | None = None
        self._unasked = False
        self.header = Header(language)
        self.start = StartPage()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start)
        self.entrance = Entrance(self.start, language, theme, self.settings, self)
        self._keys = EnterPresses(self)
        QApplication.instance().installEventFilter(self._keys)  # type: ignore[union-attr]
        self._connect()
        body = QWidget()
        layout = column(body, spacing=0)
        layout.addWidget(self.header)
        layout.addWidget(self.stack, 1)
        self.setCentralWidget(body)
        self.resize(first_size(self.screen().availableSize(), self._title_bar()))
        self.start.practice.setFocus()
        self.retranslate()

    def retranslate(self) -> None:
        """Another language."""
        self.setWindowTitle(self.tr("pve-igpu – Intel graphics for Windows on Proxmox VE"))
        self.header.retranslate()
        self.entrance.retranslate()
        self._write_pages()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """While a change runs the window stays: the thread that makes it would die with the program."""
        if self.farewell is not None:
            self.farewell.quit_after()
        elif self._may_leave():
            self.close_host(quitting=True)
        if self.guide is not None or self.farewell is not None:
            event.ignore()
            return
        self.entrance.close()
        super().closeEvent(event)

    def quit_unasked(self) -> None:
        """The system wants the program to end: what runs is finished, but nobody is asked."""
        self._unasked = True
        QApplication.closeAllWindows()

    def close_host(self, quitting: bool = False) -> None:
        """Back to the start page, or the end; where a change still runs, after that."""
        if self.guide is not None:
            guide, self.guide = self.guide, None
            controller = guide.controller
            self._remember(controller)
            self.stack.removeWidget(guide)
            guide.deleteLater()
            self.header.set_host(None)
            controller.snapshot_changed.disconnect(self.header.set_host)
            controller.ended.connect(controller.deleteLater)
            if controller.changing:
                self._say_farewell(controller, quitting)
            controller.close()
        if self.farewell is None:
            self._show_start()

    def _say_farewell(self, controller: Controller, quitting: bool) -> None:
        page = self.farewell = Farewell(controller, self.language, quitting)
        page.ended.connect(lambda: self._remember(controller))
        page.ended.connect(self._forget_farewell)
        page.quit_now.connect(self._forget_farewell)
        self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)
        page.quit.setFocus()

    def _forget_farewell(self) -> None:
        """Nothing is waited for any more."""
        if self.farewell is None:
            return
        page, self.farewell = self.farewell, None
        self.stack.removeWidget(page)
        page.deleteLater()
        self._show_start()
        if page.quitting:
            self.close()

    def _show_start(self) -> None:
        self.stack.setCurrentWidget(self.start)
        self.entrance.show_standing()

    def _title_bar(self) -> int:
        """Its height is known only once the window is shown; the style's is near enough."""
        return self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)

    def _connect(self) -> None:
        self.entrance.opened.connect(self._opened)
        self.entrance.survey_read.connect(self._show_survey)
        self.header.language_chosen.connect(self._choose_language)
        self.header.theme_chosen.connect(self._choose_theme)
        self.header.leave_wanted.connect(self._leave)
        self.theme.changed.connect(lambda _: self._write_pages())

    def _write_pages(self) -> None:
        """The pages that are not always there, after a change of language or theme."""
        for page in (self.guide, self.survey):
            if page is not None:
                page.retranslate()

    def _show_survey(self, path: Path, facts: Facts) -> None:
        self._close_survey()
        self.survey = SurveyView(path, facts, self.language, self.theme)
        self.survey.closed.connect(self._close_survey)
        self.stack.addWidget(self.survey)
        self.stack.setCurrentWidget(self.survey)
        self.survey.back.setFocus()

    def _close_survey(self) -> None:
        if self.survey is not None:
            page, self.survey = self.survey, None
            self.stack.removeWidget(page)
            page.deleteLater()
        self.stack.setCurrentWidget(self.guide or self.start)

    def _opened(self, opened: Opened) -> None:
        if self.guide is not None:
            self.close_host()
        controller = Controller(opened, self)
        self.guide = GuideView(controller, self.language, self.theme)
        controller.snapshot_changed.connect(self.header.set_host)
        self.stack.addWidget(self.guide)
        self.stack.setCurrentWidget(self.guide)
        controller.survey()

    def _leave(self) -> None:
        if self._may_leave():
            self.close_host()

    def _may_leave(self) -> bool:
        """While something is being changed on the host, leaving it is a decision."""
        if self.guide is None or not self.guide.controller.changing or self._unasked:
            return True
        title = self.tr("Leave while the program is working?")
        text = self.tr(
            "The change that is under way is finished first – a long copy or wait is broken off in good order. "
            "After that the work stops and the connection ends. What was done stays, is in the journal, "
            "and can be continued or undone next time."
        )
        return confirm(title, text, self.tr("Leave"), self)

    def _remember(self, controller: Controller) -> None:
        """Where the work on a real host stands, for the start page."""
        snapshot = controller.snapshot
        if snapshot is None or snapshot.practice or not snapshot.undo:
            return
        waiting = [step_id for step_id in ORDER if not snapshot.steps[step_id].state.is_settled]
        self.settings.stand(snapshot.host, waiting[0] if waiting else "")
        self._save()

    def _choose_language(self, code: str) -> None:
        self.language.choose(code)
        self.settings.language = code
        self.retranslate()
        self._save()

    def _choose_theme(self, mode: Mode) -> None:
        self.theme.set_mode(mode)
        self.settings.theme = mode
        self._save()

    def _save(self) -> None:
        """Not to remember a window's look is no reason to stop."""
        try:
            self.settings.save(settings_path())
        except OSError as error:
            log.info("the settings could not be saved: %s", error)
