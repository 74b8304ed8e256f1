"""A click that ends an input is not lost; and only a plan that was shown is run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.panels.fields import Number
from gui.window import MainWindow
from guide.state import StepState
from tests.gui.test_walk import PATIENCE, open_guide, run_step

pytestmark = pytest.mark.timeout(240)

LOOK_AGAIN = "! Your answer has changed the plan. Look at it, then press again."


def test_typing_then_clicking_shows_the_new_plan_before_it_runs(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    for step_id in ("connect", "check", "cmdline", "vfio", "reboot", "media"):
        run_step(guide, qtbot, step_id)
    guide.rail.select("create")
    page = guide.page["create"]
    button = page.action_row.primary
    qtbot.waitUntil(button.isEnabled, timeout=PATIENCE)
    memory = next(field for field in page.findChildren(Number) if field.accessibleName().startswith("Memory"))
    window.activateWindow()
    memory.setFocus()
    memory.selectAll()
    qtbot.keyClicks(memory, "6144")
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    assert guide.controller.busy, "leaving the field has handed the answer on"
    assert button.isEnabled()
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert page.action_row.news.text() == LOOK_AGAIN
    qtbot.waitUntil(lambda: page.results.geometry().top() == page.area.verticalScrollBar().value())
    assert guide.controller.session.states["create"] is StepState.READY
    run_step(guide, qtbot, "create")
    vm = guide.controller.session.view.vm if guide.controller.session.view else None
    assert vm is not None
    assert str(vm.config["memory"]) == "6144"


def test_an_answer_that_leaves_the_plan_alone_does_not_hold_the_click(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    run_step(guide, qtbot, "connect")
    guide.rail.select("check")
    page = guide.page["check"]
    guide.controller.set_choices(replace(guide.controller.choices, wait_minutes=99), "check")
    assert guide.controller.busy
    qtbot.mouseClick(page.action_row.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
    assert guide.controller.session.states["check"] is StepState.DONE
