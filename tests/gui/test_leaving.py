"""The window is closed, or the host left, in the middle of a change: the change ends, then the program does."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from platformdirs import user_data_path
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.controller import Controller
from gui.guide_view import GuideView
from gui.interrupts import Interrupts
from gui.window import MainWindow
from guide.change import ChangeContext, JsonObject
from guide.changes.files import EditFile
from tests.gui.test_access import unnamed
from tests.gui.test_walk import PATIENCE, open_guide, press_in_dialog, run_step


@dataclass
class SlowChange:
    """Edits of files wait at `gate` while they are under way."""

    begun: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowChange]:
    made = SlowChange()
    apply = EditFile.apply

    def slowly(change: EditFile, context: ChangeContext) -> JsonObject:
        record = apply(change, context)
        made.begun.set()
        assert made.gate.wait(PATIENCE / 1000)
        return record

    monkeypatch.setattr(EditFile, "apply", slowly)
    yield made
    made.gate.set()


def phases() -> list[str]:
    """What the journal of the only host says of its changes."""
    (path,) = (user_data_path("pve-igpu", appauthor=False) / "journals").glob("*.jsonl")
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [entry["phase"] for entry in entries if entry["phase"] != "memory"]


def begin_a_change(window: MainWindow, qtbot: QtBot, slow: SlowChange) -> GuideView:
    guide = open_guide(window, qtbot)
    for step_id in ("connect", "check"):
        run_step(guide, qtbot, step_id)
    guide.rail.select("cmdline")
    page = guide.page["cmdline"]
    qtbot.waitUntil(page.action_row.primary.isEnabled, timeout=PATIENCE)
    qtbot.mouseClick(page.action_row.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(slow.begun.is_set, timeout=PATIENCE)
    return guide


def close_and_confirm(window: MainWindow) -> None:
    press_in_dialog(yes=True)
    window.close()


def thread_of(controller: Controller) -> threading.Thread:
    return controller._worker._thread


def test_the_window_waits_for_the_change_and_then_closes(window: MainWindow, qtbot: QtBot, slow: SlowChange) -> None:
    guide = begin_a_change(window, qtbot, slow)
    worker = thread_of(guide.controller)
    close_and_confirm(window)
    page = window.farewell
    assert page is not None
    assert window.isVisible()
    assert window.stack.currentWidget() is page
    assert window.focusWidget() is page.quit
    assert unnamed(page) == []
    assert phases() == ["begin"]
    slow.gate.set()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: not worker.is_alive(), timeout=PATIENCE)
    assert phases() == ["begin", "end"]


def test_leaving_comes_back_to_the_start_page(window: MainWindow, qtbot: QtBot, slow: SlowChange) -> None:
    begin_a_change(window, qtbot, slow)
    press_in_dialog(yes=True)
    qtbot.mouseClick(window.header.leave, Qt.MouseButton.LeftButton)
    assert window.stack.currentWidget() is window.farewell
    slow.gate.set()
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.start, timeout=PATIENCE)
    assert window.isVisible()
    assert phases() == ["begin", "end"]


def test_no_wait_is_a_decision_with_its_price(window: MainWindow, qtbot: QtBot, slow: SlowChange) -> None:
    begin_a_change(window, qtbot, slow)
    close_and_confirm(window)
    page = window.farewell
    assert page is not None
    press_in_dialog(yes=False)
    qtbot.mouseClick(page.quit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page._asking is None, timeout=PATIENCE)
    assert window.isVisible()
    # The window's cross, a second time, asks the same.
    press_in_dialog(yes=True)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert phases() == ["begin"]


def test_the_question_goes_when_the_waiting_is_over(window: MainWindow, qtbot: QtBot, slow: SlowChange) -> None:
    begin_a_change(window, qtbot, slow)
    close_and_confirm(window)
    page = window.farewell
    assert page is not None
    page.ask()
    slow.gate.set()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert phases() == ["begin", "end"]


def test_what_waits_in_the_queue_is_not_begun(window: MainWindow, qtbot: QtBot, slow: SlowChange) -> None:
    guide = begin_a_change(window, qtbot, slow)
    guide.controller.undo(None, "done")
    close_and_confirm(window)
    slow.gate.set()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert phases() == ["begin", "end"]


def test_a_host_that_is_only_read_is_left_at_once(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    guide.controller.survey()
    window.close()
    assert not window.isVisible()


def test_the_system_asks_nobody_but_waits_too(window: MainWindow, qtbot: QtBot, slow: SlowChange) -> None:
    begin_a_change(window, qtbot, slow)
    interrupts = Interrupts(window)
    interrupts.came.connect(window.quit_unasked)
    try:
        signal.raise_signal(signal.SIGINT)
        qtbot.waitUntil(lambda: window.farewell is not None, timeout=PATIENCE)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    finally:
        interrupts.close()
    assert window.isVisible()
    slow.gate.set()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert phases() == ["begin", "end"]
