"""A host of one's own in the window: added, verified, connected, left, found again - and its key changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QInputDialog, QLabel
from pytestqt.qtbot import QtBot

from gui.dialogs import KeyDialog
from gui.profile_dialog import ProfileDialog
from gui.widgets.changed_key import ChangedKeyPanel
from gui.window import MainWindow
from practice.faults import parse
from practice.host import Access, PracticeHost
from tests.conftest import MemoryKeyring

PATIENCE = 30_000


@pytest.fixture
def served() -> Iterator[tuple[PracticeHost, Access]]:
    """A practice host that the window takes for a real one."""
    host = PracticeHost("n100-pve82", speed=60.0)
    yield host, host.start()
    host.stop()


@pytest.fixture
def access(served: tuple[PracticeHost, Access]) -> Access:
    return served[1]


def in_dialog(kind: type[QDialog], act: Callable[[Any], None]) -> None:
    """Do something in the next dialog of that kind, as soon as it is open."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, kind):
            act(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)


def add_host(window: MainWindow, qtbot: QtBot, access: Access, password: str) -> None:
    def fill(dialog: ProfileDialog) -> None:
        dialog.address.setText(access.host)
        dialog.name.setText("home")
        dialog.password.setText(password)
        dialog.ssh_port.setValue(access.ssh_port)
        dialog.api_port.setValue(access.api_port)
        qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)

    in_dialog(ProfileDialog, fill)
    qtbot.mouseClick(window.start.add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.start.hosts.count() == 1, timeout=PATIENCE)


def connect(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.start.connect_button, Qt.MouseButton.LeftButton)


def wait_for_guide(window: MainWindow, qtbot: QtBot) -> None:
    def arrived() -> bool:
        guide = window.guide
        return guide is not None and guide.controller.snapshot is not None and not guide.controller.busy

    qtbot.waitUntil(arrived, timeout=PATIENCE)


def test_add_verify_connect_leave_and_come_back(
    window: MainWindow, qtbot: QtBot, access: Access, fake_keyring: MemoryKeyring
) -> None:
    add_host(window, qtbot, access, access.password)
    shown: list[str] = []

    def agree(dialog: KeyDialog) -> None:
        shown.extend(label.text() for label in dialog.findChildren(QLabel))
        qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)

    in_dialog(KeyDialog, agree)
    connect(window, qtbot)
    wait_for_guide(window, qtbot)
    assert access.host_key in shown
    assert window.header.badge.isHidden()
    assert "home" in window.header.host.text()
    qtbot.mouseClick(window.header.leave, Qt.MouseButton.LeftButton)
    assert window.guide is None
    # The key is known now: nothing is asked.
    connect(window, qtbot)
    wait_for_guide(window, qtbot)
    assert all(access.password not in service + user for service, user in fake_keyring.entries)


def test_no_to_the_key_connects_to_nothing(window: MainWindow, qtbot: QtBot, access: Access) -> None:
    add_host(window, qtbot, access, access.password)
    in_dialog(KeyDialog, lambda dialog: qtbot.mouseClick(dialog.no, Qt.MouseButton.LeftButton))
    connect(window, qtbot)
    qtbot.waitUntil(lambda: window.start.problem_place.count() == 1, timeout=PATIENCE)
    assert window.guide is None


def test_a_password_that_is_not_kept_is_asked(window: MainWindow, qtbot: QtBot, access: Access) -> None:
    add_host(window, qtbot, access, "")

    def answer(dialog: QInputDialog) -> None:
        dialog.setTextValue(access.password)
        dialog.accept()

    in_dialog(QInputDialog, answer)
    connect(window, qtbot)
    in_dialog(KeyDialog, lambda dialog: qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton))
    wait_for_guide(window, qtbot)


def test_a_changed_key_stops_and_shows_both(
    window: MainWindow, qtbot: QtBot, served: tuple[PracticeHost, Access]
) -> None:
    host, access = served
    add_host(window, qtbot, access, access.password)
    in_dialog(KeyDialog, lambda dialog: qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton))
    connect(window, qtbot)
    wait_for_guide(window, qtbot)
    qtbot.mouseClick(window.header.leave, Qt.MouseButton.LeftButton)
    host.call(host.machine.faults.apply(parse({"host_key_changed": True})))
    connect(window, qtbot)
    qtbot.waitUntil(lambda: bool(window.findChildren(ChangedKeyPanel)), timeout=PATIENCE)
    texts = [label.text() for panel in window.findChildren(ChangedKeyPanel) for label in panel.findChildren(QLabel)]
    keys = [text.replace("\n", "") for text in texts if text.startswith("SHA256:")]
    assert len(keys) == 2
    assert access.host_key in keys
    assert window.guide is None
