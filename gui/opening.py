"""Opening a host: a practice host in this process, or a profile. Network and keyring libraries load only here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from guide.choices import Choices
from guide.clean import Redactor
from guide.events import Event
from guide.host import Host
from guide.journal import Journal, journal_path
from guide.session import Session

if TYPE_CHECKING:
    from ssh.connection import Secrets
    from ssh.hostkey import OnNewKey
    from ssh.login import OnCode, OnPassword
    from ssh.profiles import Profile
    from ssh.secret import Secret

SPEED = 4.0
"""The practice host in the window lives four times faster: a person watches it, but need not wait an hour."""


@dataclass
class Opened:
    """A connected host with all that a session on it needs."""

    host: Host
    journal: Journal
    choices: Choices | None
    """None: those of the last session on this host."""
    redact: Redactor
    close: Callable[[], None]

    def session(self, emit: Callable[[Event], None]) -> Session:
        return Session(self.host, self.choices, self.journal, emit, self.redact)


def open_practice(scenario: str, speed: float = SPEED) -> Opened:
    """Start a practice host and connect to it. Blocks: call it in a worker thread."""
    from dataclasses import replace

    from gui.cli_target import practice_login, practising
    from guide.answers import load_answers
    from ssh.connect import connect

    with ExitStack() as opened:
        access = opened.enter_context(practising(scenario, speed))
        host = connect(*practice_login(scenario, access), on_new_key=lambda question: False, is_practice=True)
        opened.callback(host.close)
        journal = _journal(host)
        # In the window the person answers the questions; only the files are prepared.
        answers = load_answers(access.answers)
        close = opened.pop_all().close
    choices = replace(answers, reboot="ask", display_goes_dark="ask", picture="ask", sound="ask")
    return Opened(host, journal, choices, Redactor([access.password]), close)


def open_profile(
    profile: Profile, secrets: Secrets, on_new_key: OnNewKey, on_code: OnCode, on_password: OnPassword
) -> Opened:
    """Connect to a real host. Blocks: call it in a worker thread. The API's questions come in the session's thread.

    Raises the errors of `ssh.connect.connect`, and `JournalBroken`.
    """
    from ssh.connect import connect

    known = (secrets.password, secrets.passphrase, secrets.api_password, secrets.token_secret)
    redact = Redactor(secret.unmask() for secret in known if secret)

    def ask(user: str) -> Secret:
        password = on_password(user)
        redact.learn(password.unmask())
        return password

    with ExitStack() as opened:
        host = connect(profile, secrets, on_new_key=on_new_key, on_code=on_code, on_password=ask)
        opened.callback(host.close)
        journal = _journal(host)
        close = opened.pop_all().close
    return Opened(host, journal, None, redact, close)


def _journal(host: Host) -> Journal:
    """This computer's journal of the host. Without it nothing could be undone, so it is read before anything else."""
    folder = user_data_path("pve-igpu", appauthor=False) / "journals"
    return Journal.open(journal_path(folder, host.fingerprint))
