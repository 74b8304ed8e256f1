"""A page that cannot act: its reasons in words, and reading the host again beside them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gui.language import Language
from gui.style.theme import Theme
from gui.style.tokens import LIGHT
from gui.widgets.actions import ActionRow, Actions
from gui.widgets.failure import failure_view
from gui.widgets.log import LogModel
from gui.window import MainWindow
from guide.events import Failed
from guide.message import message
from guide.state import StepState
from tests.gui.test_walk import PATIENCE, open_guide

REASONS = (message("blocker.vm-locked", lock="backup"), message("blocker.rom-not-chosen"))
SAID = {
    "en": ["The VM is locked by PVE (backup). Wait until that is over.", "Choose the vBIOS ROM file."],
    "zh_CN": ["虚拟机被 PVE 锁定（backup）。请等它结束。", "请选择 vBIOS ROM 文件。"],
}


@pytest.mark.parametrize("language_code", ["en", "zh_CN"])
def test_banner_and_log_say_the_reasons(qtbot: QtBot, qapp: QApplication, language: Language) -> None:
    failed = Failed(0.0, "configure", "step-not-ready", (("step", "4.3"), ("needs", REASONS[0].key)), "", REASONS)
    banner = failure_view(failed, language, LIGHT)
    qtbot.addWidget(banner)
    shown = [item.text() for item in banner.findChildren(QLabel)]
    assert shown[1:3] == [f"• {reason}" for reason in SAID[language.code]]
    log = LogModel(language, Theme(qapp))
    log.append([failed])
    (line,) = log.lines()
    assert all(reason in line for reason in SAID[language.code])
    assert not [text for text in (*shown, line) if "{" in text or "blocker." in text]


def test_the_host_can_be_read_again_from_a_blocked_page(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    guide.rail.select("configure")
    row = guide.page["configure"].action_row
    before = guide.controller.snapshot
    assert row.reason.text()
    guide.page["configure"].set_failure(Failed(0.0, "configure", "step-not-ready", (("step", "4.3"),), "", REASONS))
    qtbot.mouseClick(row.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
    after = guide.controller.snapshot
    assert before is not None
    assert after is not None
    assert after.view is not before.view
    assert guide.page["configure"].failure is None, "what was said before the host was read again is old"
    assert guide.page["configure"].focusWidget() is row.again


def test_a_page_that_can_act_has_no_such_button(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    guide.rail.select("connect")
    assert not guide.page["connect"].action_row.again.isVisible()


@pytest.mark.parametrize(
    ("language_code", "waits", "stops"),
    [
        ("en", "Stop after the current change", "Stopping after the current change…"),
        ("zh_CN", "做完当前更改后停止", "正在停止：先做完当前更改…"),
    ],
)
def test_the_stop_button_says_what_it_does_in_every_run(
    qtbot: QtBot, language: Language, waits: str, stops: str
) -> None:
    row = ActionRow(language)
    qtbot.addWidget(row)
    row.retranslate()
    for _ in range(2):
        row.show_actions(actions(busy=True))
        assert row.cancel.text() == row.cancel.accessibleName() == waits
        row.stopping()
        row.retranslate()
        assert row.cancel.text() == row.cancel.accessibleName() == stops
        row.show_actions(actions(busy=False))


def test_news_of_a_job_outlive_its_end(qtbot: QtBot, language: Language) -> None:
    row = ActionRow(language)
    qtbot.addWidget(row)
    row.show_actions(actions(busy=True))
    row.say("saved")
    row.show_actions(actions(busy=True))
    row.show_actions(actions(busy=False))
    assert not row.news.isHidden()
    row.show_actions(actions(busy=True))
    assert row.news.isHidden()


def actions(busy: bool) -> Actions:
    return Actions("Go", "", StepState.READY, (), busy, optional=False, undoable=False, report=False)
