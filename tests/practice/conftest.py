"""A practice host and the engine on it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from guide.answers import load_answers
from guide.choices import Choices
from guide.events import Event, Failed
from guide.journal import Journal, journal_path
from guide.session import Session
from guide.state import StepState
from practice.files import FileSystem
from practice.host import Access, PracticeHost
from ssh.connect import Secrets, connect
from ssh.host import SshHost
from ssh.profiles import Profile
from ssh.secret import Secret

SPEED = 60.0

OURS = ("/var/lib/pve-igpu", "/proc", "/sys", "/var/run", "/etc/pve/.version", "/etc/pve/.vmlist")
"""Our journal and backups stay after an undo, and what kernel and pmxcfs show is not a file of the host."""


@dataclass
class Bench:
    """A served practice host with one connected session at a time."""

    host: PracticeHost
    access: Access
    folder: Path
    events: list[Event] = field(default_factory=list)
    connected: list[SshHost] = field(default_factory=list)

    @property
    def fs(self) -> FileSystem:
        return self.host.machine.fs

    @property
    def choices(self) -> Choices:
        return load_answers(self.access.answers)

    def connect(self) -> SshHost:
        profile = Profile(
            name="practice",
            address=self.access.host,
            ssh_port=self.access.ssh_port,
            api_port=self.access.api_port,
            host_key=self.access.host_key,
        )
        secrets = Secrets(password=Secret(self.access.password))
        host = connect(profile, secrets, on_new_key=lambda question: False, is_practice=True)
        self.connected.append(host)
        return host

    def session(self, choices: Choices | None = None) -> Session:
        """A new session with the scenario's answers: all else that it knows is the journal."""
        return self._session(choices or self.choices, self.folder)

    def session_without_answers(self, folder: Path | None = None) -> Session:
        """As after a restart of the window; in another `folder`: on another workstation."""
        return self._session(None, folder or self.folder)

    def _session(self, choices: Choices | None, folder: Path) -> Session:
        host = self.connect()
        journal = Journal.open(journal_path(folder, host.fingerprint))
        return Session(host, choices, journal, self.events.append)

    def walk(self, session: Session, until: str = "done") -> None:
        """Run steps up to and including `until`; those that are settled are only verified."""
        session.survey()
        for step in session.steps:
            if session.states[step.id] is not StepState.SKIPPED:
                session.run(step.id, session.plan(step.id).digest)
            if step.id == until:
                return

    def tree(self) -> dict[str, tuple[int, bytes]]:
        """Every file of the host, with mode and content."""
        found: dict[str, tuple[int, bytes]] = {}
        self._collect("/", found)
        return found

    def await_down(self) -> None:
        self._await(False)

    def await_up(self) -> None:
        """The machine runs, and its SSH server listens again."""
        self._await(True)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((self.access.host, self.access.ssh_port), timeout=5).close()
                return
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.005)

    def _await(self, up: bool) -> None:
        deadline = time.monotonic() + 20
        while self.host.machine.up is not up:
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def failures(self) -> list[str]:
        return [event.code for event in self.events if isinstance(event, Failed)]

    def _collect(self, path: str, found: dict[str, tuple[int, bytes]]) -> None:
        for name in self.fs.listdir(path):
            inner = f"{path.rstrip('/')}/{name}"
            node = self.fs.resolve(inner, follow=False)
            if inner in OURS:
                continue
            if node.kind == "dir":
                self._collect(inner, found)
            elif node.kind == "file":
                found[inner] = (node.mode, node.read())


@pytest.fixture
def scenario() -> str:
    return "n100-pve82"


@pytest.fixture
def bench(scenario: str, tmp_path: Path) -> Iterator[Bench]:
    host = PracticeHost(scenario, speed=SPEED)
    made = Bench(host, host.start(), tmp_path / "journals")
    yield made
    for connected in made.connected:
        connected.close()
    host.stop()
