"""Small screens: the window fits, nothing is out of reach of mouse or keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from pytestqt.qtbot import QtBot

from gui.window import MainWindow, first_size
from guide.errors import AppError
from tests.gui.test_walk import open_guide

SMALL = QSize(960, 540)


@pytest.mark.parametrize(
    ("available", "size"),
    [((1920, 1040), (1280, 800)), ((1366, 728), (1280, 704)), ((1024, 600), (1024, 576))],
)
def test_a_new_window_fits_the_screen(available: tuple[int, int], size: tuple[int, int]) -> None:
    assert first_size(QSize(*available), 24) == QSize(*size)


@pytest.mark.parametrize("language_code", ["en", "zh_CN"])
def test_with_a_host_open_it_can_be_small(window: MainWindow, qtbot: QtBot, language_code: str) -> None:
    open_guide(window, qtbot)
    window.resize(SMALL)
    qtbot.waitUntil(lambda: window.size() == SMALL)
    versions = window.header.versions
    assert "Linux 6.8.8-2-pve" in versions.accessibleName()
    qtbot.waitUntil(lambda: versions.text() == versions.accessibleName() or versions.toolTip() != "")


@pytest.mark.parametrize("language_code", ["en", "zh_CN"])
def test_the_hosts_buttons_are_in_sight_on_a_small_screen(window: MainWindow, qtbot: QtBot, language_code: str) -> None:
    start = window.start
    start.set_hosts([("home", ""), ("office", "")])
    size = first_size(QSize(1366, 728), 24)
    window.resize(size)
    qtbot.waitUntil(lambda: window.size() == size)
    buttons = (start.connect_button, start.add, start.edit)
    qtbot.waitUntil(lambda: all(button.visibleRegion().boundingRect() == button.rect() for button in buttons))
    bottom = max(button.mapTo(window, QPoint(0, button.height())).y() for button in buttons)
    assert bottom < size.height()


def test_the_keyboard_scrolls_a_page(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    guide.rail.select("check")
    page = guide.page["check"]
    window.resize(SMALL)
    bar = page.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > bar.pageStep())
    seen = []
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(page.action_row.primary, key)
        seen.append(bar.value())
    assert seen == [bar.pageStep(), 0, bar.maximum(), 0]


def test_a_failure_on_the_start_page_follows_language_and_theme(window: MainWindow, qtbot: QtBot) -> None:
    window.entrance._failed(AppError())
    old = window.start.problem_place.itemAt(0).widget()
    window.header.language.setCurrentIndex(window.header.language.findData("zh_CN"))
    shown = window.start.problem_place.itemAt(0).widget()
    assert shown is not old
    assert any("程序遇到了" in item.text() for item in shown.findChildren(type(window.start.title)))
    window.header.theme.setCurrentIndex(2)
    assert window.start.problem_place.itemAt(0).widget() is not shown
    assert window.start.problem_place.count() == 1
