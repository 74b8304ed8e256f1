"""The engine on a host under test, as the window drives it, and what it was seen to do."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from guide.answers import load_answers
from guide.choices import Choices
from guide.events import Event, Failed
from guide.journal import Journal, journal_path
from guide.session import Session
from guide.state import StepState
from practice import answers
from ssh.connect import Secrets, connect
from ssh.host import SshHost
from ssh.profiles import Profile
from ssh.secret import Secret
from tests.debian.states import scenario
from tests.debian.suite import record
from tests.debian.tier import HostUnderTest

EXPECTED = Path(__file__).resolve().parent / "expected"

SKIPPED = frozenset({"remote"})
"""Windows has no network here: its Remote Desktop is nothing that could be reached."""


@dataclass
class Bench:
    """One host, one session at a time. `recording`: write what is seen in place of comparing it."""

    host: HostUnderTest
    folder: Path
    recording: bool = False
    events: list[Event] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)
    connected: list[SshHost] = field(default_factory=list)

    def __post_init__(self) -> None:
        place = self.folder / "answers"
        place.mkdir()
        self.choices: Choices = replace(load_answers(answers.write(scenario(), place)), skip=SKIPPED)

    @property
    def profile(self) -> Profile:
        host = self.host
        return Profile(
            "test", host.address, ssh_port=host.ssh_port, api_port=host.api_port, host_key=host.host_key, user=host.user
        )

    def connect(self, profile: Profile | None = None, secrets: Secrets | None = None) -> SshHost:
        chosen = secrets or Secrets(password=Secret(self.host.password))
        made = connect(profile or self.profile, chosen, on_new_key=lambda question: False)
        self.connected.append(made)
        return made

    def session(self, host: SshHost | None = None) -> Session:
        """As after a restart of the program: all that it knows is the journal."""
        reached = host or self.connect()
        journal = Journal.open(journal_path(self.folder / "journals", reached.fingerprint))
        return Session(reached, self.choices, journal, self.events.append)

    def walk(self, session: Session, until: str, name: str = "") -> None:
        """Run every step up to and including `until`; under `name`, what each showed is kept."""
        session.survey()
        shown = []
        for step in session.steps:
            if step.id in session.choices.skip:
                session.skip(step.id)
            if session.states[step.id] is not StepState.SKIPPED:
                plan = session.plan(step.id)
                session.run(step.id, plan.digest)
                shown.append(record.step(session, step.id, plan.changes))
            if step.id == until:
                break
        if name:
            self.see(name, shown)

    def see(self, name: str, value: Any) -> None:
        self.seen[name] = record.named(value)

    def compare(self, test: str) -> None:
        """With what every tier must see (expected/TEST.json)."""
        path, text = EXPECTED / f"{test}.json", json.dumps(self.seen, indent=1, ensure_ascii=False) + "\n"
        if self.recording:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        wanted = path.read_text(encoding="utf-8")
        difference = difflib.unified_diff(wanted.splitlines(), text.splitlines(), "expected", "seen", lineterm="", n=4)
        assert text == wanted, "\n".join(difference)

    def failures(self) -> list[str]:
        return [event.code for event in self.events if isinstance(event, Failed)]
