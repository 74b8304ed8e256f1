"""Remote Desktop is put back as it was found; a guest that cannot be reached does not stop the rest of an undo."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from guide.change import ChangeContext
from guide.changes.guest import AGENT_WAIT, POLL, EnableRemoteDesktop
from guide.chapters.windows import RemoteDesktop
from guide.choices import Choices
from guide.errors import ApiRefused
from guide.host import CancelToken
from guide.message import Message
from guide.step import View, VmState
from tests.unit.rules.plain_host import facts_of


class Patience(CancelToken):
    """Pauses that take no time, counted."""

    pauses = 0

    def wait(self, seconds: float) -> None:
        self.pauses += 1


@dataclass
class Guest:
    """The API of one VM, with the words that Windows was given."""

    power: str = "running"
    silent_pings: int = 0
    ran: list[tuple[str, str]] = field(default_factory=list)
    node: str = "pve"

    def get(self, path: str, **params: Any) -> Any:
        if path.endswith("exec-status"):
            return {"exited": 1, "exitcode": 0}
        if not self.power:
            raise ApiRefused("Configuration file 'nodes/pve/qemu-server/100.conf' does not exist")
        return {"status": self.power}

    def post(self, path: str, **params: Any) -> Any:
        if self.power != "running":
            raise ApiRefused("VM 100 is not running")
        if path.endswith("ping"):
            self.silent_pings -= 1
            if self.silent_pings >= 0:
                raise ApiRefused("QEMU guest agent is not running")
            return {}
        command = params["command"]
        self.ran.append((command[0], command[-1] if command[0] == "netsh" else command[-2]))
        return {"pid": 1}


def context(guest: Guest, said: list[Message], earlier: Any = None) -> ChangeContext:
    host: Any = SimpleNamespace(api=guest)
    return ChangeContext(host, lambda *_: None, lambda *_: None, said.append, Patience(), "/backups", earlier or {})


ON = [("reg", "0"), ("netsh", "enable=Yes")]
OFF = [("reg", "1"), ("netsh", "enable=No")]


@pytest.mark.parametrize(
    ("enabled", "reachable", "changed"),
    [(False, False, [0, 1]), (True, False, [1]), (False, True, [0]), (False, None, [0, 1])],
)
def test_what_was_off_is_switched_on_and_only_that_off_again(
    enabled: bool, reachable: bool | None, changed: list[int]
) -> None:
    (change,) = planned(enabled, reachable)
    guest = Guest()
    record = change.apply(context(guest, []))
    assert guest.ran == [ON[index] for index in changed]
    guest.ran.clear()
    EnableRemoteDesktop.undo(record, context(guest, []))
    assert guest.ran == [OFF[index] for index in changed]


@pytest.mark.parametrize(("enabled", "reachable"), [(True, True), (True, None), (None, False), (None, None)])
def test_what_is_on_or_not_known_is_left_alone(enabled: bool | None, reachable: bool | None) -> None:
    assert planned(enabled, reachable) == ()


def test_a_second_try_remembers_what_the_first_one_found() -> None:
    first = EnableRemoteDesktop(100, switch=True, firewall=True).apply(context(Guest(), []))
    again = EnableRemoteDesktop(100, switch=False, firewall=True).apply(context(Guest(), [], first))
    assert again == first


@pytest.mark.parametrize("guest", [Guest("stopped"), Guest(silent_pings=1000)], ids=["off", "silent"])
def test_a_guest_that_cannot_be_reached_is_left_with_a_note(guest: Guest) -> None:
    said: list[Message] = []
    EnableRemoteDesktop.undo({"vmid": 100, "switch": True, "firewall": True}, context(guest, said))
    assert [note.key for note in said] == ["undo.remote-desktop-stays"]
    assert guest.ran == []


def test_a_vm_that_starts_is_waited_for() -> None:
    guest, said = Guest(silent_pings=3), list[Message]()
    waiting = context(guest, said)
    EnableRemoteDesktop.undo({"vmid": 100, "switch": True, "firewall": True}, waiting)
    assert (guest.ran, said) == (OFF, [])
    assert isinstance(waiting.cancel, Patience)
    assert waiting.cancel.pauses == 3 < AGENT_WAIT / POLL


def test_a_vm_that_is_gone_has_nothing_to_put_back() -> None:
    said: list[Message] = []
    EnableRemoteDesktop.undo({"vmid": 100, "switch": True, "firewall": True}, context(Guest(""), said))
    assert said == []


def planned(enabled: bool | None, reachable: bool | None) -> tuple[Any, ...]:
    vm = VmState(100, "running", {}, agent=True, rdp_open=reachable, remote_desktop_enabled=enabled)
    return RemoteDesktop().changes(View(facts_of({}), (), Choices(), vm))
