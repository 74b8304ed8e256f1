"""A person walks the whole guide in the window, by clicking its real widgets, in both languages - and back."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.dialogs import ConfirmDialog
from gui.guide_view import GuideView
from gui.step_page import StepPage
from gui.widgets.question import QuestionPanel
from gui.window import MainWindow
from guide.chapters.catalogue import STEPS
from guide.state import StepState

pytestmark = pytest.mark.timeout(240)

PATIENCE = 60_000


def open_guide(window: MainWindow, qtbot: QtBot) -> GuideView:
    qtbot.mouseClick(window.start.practice, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.guide is not None and window.guide.controller.snapshot is not None, timeout=PATIENCE)
    guide = window.guide
    assert guide is not None
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
    return guide


def run_step(guide: GuideView, qtbot: QtBot, step_id: str) -> None:
    """Go to the step by the rail, press its button, answer yes to what it asks, wait until it is done."""
    guide.rail.select(step_id)
    page = guide.page[step_id]
    qtbot.waitUntil(page.action_row.primary.isEnabled, timeout=PATIENCE)
    qtbot.mouseClick(page.action_row.primary, Qt.MouseButton.LeftButton)
    end = time.monotonic() + PATIENCE / 1000
    while guide.controller.busy and time.monotonic() < end:
        for panel in page.findChildren(QuestionPanel):
            if panel.question.no is not None and panel.yes.isEnabled() and panel.isVisible():
                qtbot.mouseClick(panel.yes, Qt.MouseButton.LeftButton)
        qtbot.wait(20)
    failure = guide.controller.last_failure
    assert failure is None, failure
    snapshot = guide.controller.snapshot
    assert snapshot is not None
    assert snapshot.steps[step_id].state is StepState.DONE


def press_in_dialog(yes: bool) -> None:
    """Press the verb or Cancel in the confirmation as soon as it is open."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, ConfirmDialog):
            QTimer.singleShot(20, press)
            return
        (box.yes if yes else box.no).click()

    QTimer.singleShot(0, press)


@pytest.mark.parametrize("language_code", ["en", "zh_CN"])
def test_the_whole_guide_by_clicking(window: MainWindow, qtbot: QtBot, language_code: str) -> None:
    guide = open_guide(window, qtbot)
    for step in STEPS:
        run_step(guide, qtbot, step.id)
    title = guide.page["done"].title.text()
    assert title == {"en": "It works, and you can prove it", "zh_CN": "它能用，而且有据可查"}[language_code]
    assert guide.log.model.rowCount() > 20


def test_undo_of_everything_by_clicking(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    for step_id in ("connect", "check", "cmdline", "vfio"):
        run_step(guide, qtbot, step_id)
    guide.rail.select("cmdline")
    press_in_dialog(yes=True)
    qtbot.mouseClick(guide.page["cmdline"].action_row.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
    snapshot = guide.controller.snapshot
    assert snapshot is not None
    assert snapshot.undo == ()
    assert snapshot.steps["cmdline"].state is StepState.UNDONE


def test_cancelling_the_confirmation_undoes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    for step_id in ("connect", "check", "cmdline"):
        run_step(guide, qtbot, step_id)
    guide.rail.select("cmdline")
    press_in_dialog(yes=False)
    qtbot.mouseClick(guide.page["cmdline"].action_row.undo, Qt.MouseButton.LeftButton)
    assert not guide.controller.busy
    assert guide.controller.snapshot is not None
    assert len(guide.controller.snapshot.undo) == 1


def test_reading_ahead_is_free_and_acting_says_why_not(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    guide.rail.select("configure")
    page = guide.page["configure"]
    assert isinstance(page, StepPage)
    assert not page.action_row.primary.isEnabled()
    assert page.action_row.reason.text() != ""
    assert "x-igd" in page.why_text.toPlainText()


def test_a_forbidding_finding_is_shown_and_nothing_can_be_run(window: MainWindow, qtbot: QtBot) -> None:
    window.start.scenario.choose("n100-pve84")
    guide = open_guide(window, qtbot)
    shown = {label.text() for label in guide.page["check"].findChildren(type(guide.page["check"].title))}
    assert any("9.1.2-3" in text for text in shown)
    assert guide.controller.session.states["check"] is StepState.NEEDS_YOU
    assert not guide.page["cmdline"].action_row.primary.isEnabled()


def test_no_to_a_consent_leaves_the_host_running(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    for step_id in ("connect", "check", "cmdline", "vfio"):
        run_step(guide, qtbot, step_id)
    view = guide.controller.snapshot.view if guide.controller.snapshot else None
    assert view is not None
    guide.rail.select("reboot")
    page = guide.page["reboot"]
    qtbot.waitUntil(page.action_row.primary.isEnabled, timeout=PATIENCE)
    qtbot.mouseClick(page.action_row.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(page.findChildren(QuestionPanel)), timeout=PATIENCE)
    panel = page.findChildren(QuestionPanel)[-1]
    assert panel.no is not None
    qtbot.mouseClick(panel.no, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
    after = guide.controller.snapshot.view if guide.controller.snapshot else None
    assert after is not None
    assert after.facts.boot_id == view.facts.boot_id
    assert guide.controller.session.states["reboot"] is StepState.READY
    shown = [label.text() for label in page.findChildren(type(page.title))]
    assert "• The host's own screen will stay dark" in shown
