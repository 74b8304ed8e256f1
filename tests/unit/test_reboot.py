"""Waiting for another boot, whatever the old connection does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from guide.change import ChangeContext
from guide.changes.reboot import Reboot
from guide.errors import AppError, CommandFailed, ConnectionFailed, ConnectionLost, HostNotBack
from guide.host import CancelToken
from ssh.errors import CommandTimeout


class Host:
    """Goes silent in its own way after `reboot`; a new connection finds another boot after `tries` attempts."""

    address = "192.0.2.10"

    def __init__(self, silence: AppError, tries: int) -> None:
        self._silence = silence
        self._tries = tries
        self._answer: Callable[[], bytes] = lambda: b"old\n"
        self.api = SimpleNamespace(get=lambda path: {"version": "8.2.4"})

    def reboot(self) -> None:
        self._answer = self._fail

    def read_file(self, path: str) -> Any:
        return SimpleNamespace(data=self._answer())

    def reconnect(self, *, cancel: CancelToken) -> None:
        self._tries -= 1
        if self._tries > 0:
            raise ConnectionFailed(host=self.address, port="22")
        self._answer = lambda: b"new\n"

    def _fail(self) -> bytes:
        raise self._silence


def context(host: Host) -> ChangeContext:
    made: Any = host
    return ChangeContext(made, lambda *_: None, lambda *_: None, lambda *_: None, CancelToken(), "/backups")


@pytest.mark.parametrize(
    "silence",
    [
        ConnectionLost(host="192.0.2.10", port="22"),
        CommandTimeout(command="sh -c", seconds="60"),
        CommandFailed(command="sh -c", status="1"),
    ],
    ids=lambda error: error.code,
)
def test_the_other_boot_is_found_however_the_host_went_away(silence: AppError) -> None:
    assert Reboot("old").apply(context(Host(silence, 2)))["boot_id_after"] == "new"


def test_a_host_that_never_answers_again_is_said_as_such() -> None:
    host = Host(CommandTimeout(command="sh -c", seconds="60"), 10**9)
    with pytest.raises(HostNotBack):
        Reboot("old", patience=0.5).apply(context(host))
