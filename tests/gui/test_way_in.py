"""What stands between a host's name and its guide: passwords that are asked, refused, given up; names; journals."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest
from platformdirs import user_data_path
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QInputDialog, QLabel
from pytestqt.qtbot import QtBot

from gui.dialogs import KeyDialog
from gui.entrance import missing_secret
from gui.opener import Opener
from gui.profile_dialog import ProfileDialog
from gui.step_page import StepPage
from gui.window import MainWindow
from guide.errors import AppError
from guide.journal import journal_path
from practice.faults import parse
from practice.host import Access, PracticeHost
from ssh.connection import Secrets
from ssh.profiles import Profile
from ssh.secret import Secret
from ssh.vault import open_vault
from tests.conftest import MemoryKeyring
from tests.gui.test_real_host import PATIENCE, connect, in_dialog, served

__all__ = ["served"]


@pytest.fixture
def access(served: tuple[PracticeHost, Access]) -> Access:
    return served[1]


@pytest.fixture
def dialogs() -> Iterator[list[str]]:
    """The dialogs that came up, with what they ask; a new key is accepted, all others are cancelled."""
    seen: list[str] = []
    timer = QTimer()

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog):
            seen.append("\n".join(label.text() for label in dialog.findChildren(QLabel)))
            dialog.accept() if isinstance(dialog, KeyDialog) else dialog.reject()

    timer.timeout.connect(look)
    timer.start(20)
    yield seen
    timer.stop()


def store(window: MainWindow, access: Access, secrets: Secrets, **fields: str) -> Profile:
    """A profile as the keyring has it from an earlier day; the window shows it."""
    profile = Profile(
        name="home", address=access.host, ssh_port=access.ssh_port, api_port=access.api_port, host_key=access.host_key
    )
    profile = replace(profile, **fields)  # type: ignore[arg-type]
    open_vault().save(profile, secrets)
    window.entrance.load_hosts()
    return profile


def wait_for_name(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.start.hosts.count() == 1, timeout=PATIENCE)


def after_the_keyring(window: MainWindow, qtbot: QtBot) -> None:
    """Its answers come in order: all that was asked before was heard."""
    listed: list[object] = []
    window.entrance._keeper.list(listed.append)
    qtbot.waitUntil(lambda: bool(listed), timeout=PATIENCE)


def typing(text: str) -> Callable[[QInputDialog], None]:
    def answer(dialog: QInputDialog) -> None:
        dialog.setTextValue(text)
        dialog.accept()

    return answer


def wait_for_survey(window: MainWindow, qtbot: QtBot) -> StepPage:
    """The page of step 0.1 after the host was read, or could not be."""

    def ended() -> bool:
        guide = window.guide
        return guide is not None and guide.controller.snapshot is not None and not guide.controller.busy

    qtbot.waitUntil(ended, timeout=PATIENCE)
    assert window.guide is not None
    return window.guide.page["connect"]


def wait_for_success(window: MainWindow, qtbot: QtBot) -> None:
    def read() -> bool:
        assert window.guide is not None
        snapshot = window.guide.controller.snapshot
        return snapshot is not None and snapshot.view is not None and not window.guide.controller.busy

    qtbot.waitUntil(read, timeout=PATIENCE)


def press(page: StepPage, qtbot: QtBot) -> None:
    """The page's button is there for another try."""
    qtbot.waitUntil(page.action_row.primary.isEnabled, timeout=PATIENCE)
    qtbot.mouseClick(page.action_row.primary, Qt.MouseButton.LeftButton)


KNOWN = Secret("known")


@pytest.mark.parametrize(
    ("fields", "secrets", "missing"),
    [
        ({}, Secrets(), "password"),
        ({}, Secrets(password=KNOWN), ""),
        ({"auth": "key", "key_file": "id"}, Secrets(), "password"),
        ({"auth": "key", "key_file": "id"}, Secrets(passphrase=KNOWN), "password"),
        ({"auth": "key", "key_file": "id"}, Secrets(api_password=KNOWN), ""),
        ({"auth": "agent", "user": "owner"}, Secrets(), "password"),
        ({"auth": "agent", "user": "owner", "api_user": "root@pam"}, Secrets(), "api_password"),
        ({"auth": "agent", "api_user": "root@pam"}, Secrets(), "password"),
        ({"auth": "agent", "api_token_id": "root@pam!app"}, Secrets(), "token_secret"),
        ({"auth": "agent", "api_token_id": "root@pam!app"}, Secrets(token_secret=KNOWN), ""),
        ({"api_token_id": "root@pam!app"}, Secrets(token_secret=KNOWN), "password"),
    ],
)
def test_what_nobody_stored_is_asked(fields: dict[str, str], secrets: Secrets, missing: str) -> None:
    profile = replace(Profile(name="a", address="b"), **fields)  # type: ignore[arg-type]
    assert missing_secret(profile, secrets) == missing


def test_a_key_login_asks_for_the_password_of_the_api(
    window: MainWindow, qtbot: QtBot, served: tuple[PracticeHost, Access], tmp_path: Path
) -> None:
    host, access = served
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(tmp_path / "id")
    (tmp_path / "id").chmod(0o600)
    host.machine.fs.mkdir("/root/.ssh", parents=True)
    host.machine.fs.write("/root/.ssh/authorized_keys", key.export_public_key("openssh"))
    store(window, access, Secrets(), auth="key", key_file=str(tmp_path / "id"))
    wait_for_name(window, qtbot)
    asked: list[str] = []

    def answer(dialog: QInputDialog) -> None:
        asked.append(dialog.labelText())
        typing(access.password)(dialog)

    in_dialog(QInputDialog, answer)
    connect(window, qtbot)
    assert wait_for_survey(window, qtbot).failure is None
    wait_for_success(window, qtbot)
    assert asked == ["Password of root@pam for the Proxmox API on 127.0.0.1:"]


def test_a_wrong_password_of_the_api_can_be_mended_on_the_page(
    window: MainWindow, qtbot: QtBot, access: Access
) -> None:
    store(window, access, Secrets(password=Secret(access.password), api_password=Secret("a stale one")))
    wait_for_name(window, qtbot)
    connect(window, qtbot)
    page = wait_for_survey(window, qtbot)
    assert page.failure is not None
    assert page.failure.code == "api-login-refused"
    shown = " ".join(label.text() for label in page.area.findChildren(QLabel))
    assert "Proxmox API" in shown
    assert "PermitRootLogin" not in shown
    assert window.guide is not None
    assert window.guide.page["check"].action_row.primary.isEnabled()
    assert not window.guide.page["cmdline"].action_row.primary.isEnabled()
    in_dialog(QInputDialog, typing(access.password))
    press(page, qtbot)
    wait_for_success(window, qtbot)


def test_a_mistyped_code_can_be_given_again(
    window: MainWindow, qtbot: QtBot, served: tuple[PracticeHost, Access]
) -> None:
    host, access = served
    host.machine.pve.users.codes["root@pam"] = "246810"
    store(window, access, Secrets(password=Secret(access.password)))
    wait_for_name(window, qtbot)
    in_dialog(QInputDialog, typing("000000"))
    connect(window, qtbot)
    page = wait_for_survey(window, qtbot)
    assert page.failure is not None
    assert page.failure.code == "second-factor-needed"
    in_dialog(QInputDialog, typing("246810"))
    press(page, qtbot)
    wait_for_success(window, qtbot)


def test_a_connection_that_breaks_in_the_first_reading_is_opened_anew(
    window: MainWindow, qtbot: QtBot, served: tuple[PracticeHost, Access]
) -> None:
    host, access = served
    store(window, access, Secrets(password=Secret(access.password)))
    wait_for_name(window, qtbot)
    host.call(host.machine.faults.apply(parse({"drop_at_action": 2})))
    connect(window, qtbot)
    page = wait_for_survey(window, qtbot)
    assert page.failure is not None
    assert page.failure.code == "connection-lost"
    press(page, qtbot)
    wait_for_success(window, qtbot)


def test_a_journal_that_cannot_be_read_is_said_on_the_start_page(
    window: MainWindow, qtbot: QtBot, access: Access
) -> None:
    path = journal_path(user_data_path("pve-igpu", appauthor=False) / "journals", access.host_key)
    path.parent.mkdir(parents=True)
    path.write_text('{"broken\n{"at": 1}\n', encoding="utf-8")
    store(window, access, Secrets(password=Secret(access.password)))
    wait_for_name(window, qtbot)
    failures: list[AppError] = []
    window.entrance.opener.failed.connect(failures.append)
    connect(window, qtbot)
    qtbot.waitUntil(lambda: window.start.problem_place.count() == 1, timeout=PATIENCE)
    assert [error.code for error in failures] == ["journal-broken"]
    assert window.guide is None
    assert window.start.connect_button.isEnabled()
    problem = window.start.problem_place.itemAt(0).widget()
    # The offscreen screen is small: without being brought into sight it may lie above it.
    qtbot.waitUntil(lambda: not problem.visibleRegion().isEmpty(), timeout=PATIENCE)
    names = [thread.name for thread in threading.enumerate()]
    assert "host home" not in names


def test_cancel_while_the_keyring_takes_its_time(
    window: MainWindow,
    qtbot: QtBot,
    access: Access,
    fake_keyring: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
    dialogs: list[str],
) -> None:
    store(window, access, Secrets())
    wait_for_name(window, qtbot)
    gate, read = threading.Event(), fake_keyring.get_password

    def slowly(service: str, username: str) -> str | None:
        assert gate.wait(PATIENCE / 1000)
        return read(service, username)

    monkeypatch.setattr(fake_keyring, "get_password", slowly)
    connect(window, qtbot)
    qtbot.mouseClick(window.start.give_up, Qt.MouseButton.LeftButton)
    gate.set()
    after_the_keyring(window, qtbot)
    assert dialogs == []
    assert not window.start.waiting.isVisible()


def test_cancel_before_the_hosts_key_is_shown(
    window: MainWindow, qtbot: QtBot, access: Access, monkeypatch: pytest.MonkeyPatch, dialogs: list[str]
) -> None:
    store(window, access, Secrets(password=Secret(access.password)), host_key="")
    wait_for_name(window, qtbot)
    gate, asking, answers = threading.Event(), threading.Event(), list[bool]()
    ask = Opener._ask_key

    def slowly(opener: Opener, attempt: int, question: object) -> bool:
        asking.set()
        assert gate.wait(PATIENCE / 1000)
        answers.append(ask(opener, attempt, question))  # type: ignore[arg-type]
        return answers[-1]

    monkeypatch.setattr(Opener, "_ask_key", slowly)
    connect(window, qtbot)
    qtbot.waitUntil(asking.is_set, timeout=PATIENCE)
    qtbot.mouseClick(window.start.give_up, Qt.MouseButton.LeftButton)
    gate.set()
    qtbot.waitUntil(lambda: answers == [False], timeout=PATIENCE)
    assert dialogs == []
    assert window.start.problem_place.count() == 0


def test_a_question_of_an_abandoned_attempt_gets_no_answer_from_a_person(
    window: MainWindow, qtbot: QtBot, dialogs: list[str]
) -> None:
    opener = window.entrance.opener
    attempt = opener.begin()
    opener.give_up()
    got: list[Secret] = []

    def ask() -> None:
        got.append(opener._ask_code(attempt))
        got.append(opener._ask_password(attempt, "pve", "root@pam"))

    threading.Thread(target=ask, daemon=True).start()
    qtbot.waitUntil(lambda: len(got) == 2, timeout=PATIENCE)
    assert got == [Secret(""), Secret("")]
    assert dialogs == []


@pytest.mark.parametrize("name", ["home", "Home", " home "])
def test_a_new_host_cannot_take_the_name_of_another(qtbot: QtBot, name: str) -> None:
    dialog = ProfileDialog(None, None, "kept somewhere", taken=["home"])
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.address.setText("10.9.9.9")
    dialog.name.setText(name)
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert "already a host" in dialog.problem.text()
    assert dialog.focusWidget() is dialog.name
    dialog.name.setText("other")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_an_address_as_the_name_is_a_name_too(qtbot: QtBot) -> None:
    dialog = ProfileDialog(None, None, "kept somewhere", taken=["10.9.9.9"])
    qtbot.addWidget(dialog)
    dialog.address.setText("10.9.9.9")
    dialog.save.click()
    assert "10.9.9.9" in dialog.problem.text()


def test_the_old_host_is_kept_and_can_be_edited(window: MainWindow, qtbot: QtBot, access: Access) -> None:
    store(window, access, Secrets(password=KNOWN))
    wait_for_name(window, qtbot)

    def add_the_same(dialog: ProfileDialog) -> None:
        dialog.address.setText("10.9.9.9")
        dialog.name.setText("home")
        dialog.save.click()
        dialog.reject()

    in_dialog(ProfileDialog, add_the_same)
    qtbot.mouseClick(window.start.add, Qt.MouseButton.LeftButton)
    after_the_keyring(window, qtbot)
    profile, secrets = open_vault().load("home")
    assert (profile.address, profile.host_key, secrets.password) == (access.host, access.host_key, KNOWN)

    def move(dialog: ProfileDialog) -> None:
        dialog.address.setText("10.9.9.9")
        dialog.save.click()

    in_dialog(ProfileDialog, move)
    qtbot.mouseClick(window.start.edit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: open_vault().load("home")[0].address == "10.9.9.9", timeout=PATIENCE)
    assert open_vault().load("home")[1].password == KNOWN
