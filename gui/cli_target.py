"""TARGET of the command line: a practice host, a profile, or an address with a pinned key."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from guide.errors import PracticeUnusable
from guide.host import Host
from practice.host import Access, PracticeHost
from practice.scenario import ScenarioError
from ssh.connect import Secrets, connect
from ssh.hostkey import HostKeyQuestion
from ssh.profiles import Profile
from ssh.secret import Secret
from ssh.vault import open_vault

PRACTICE_SPEED = 10.0
"""The headless practice host lives ten times faster than a person would want to watch."""


@dataclass(frozen=True)
class Target:
    """A connected host; `secrets` are what must never be printed; `answers` the practice host's own."""

    host: Host
    secrets: tuple[str, ...]
    answers: Path | None = None


@contextmanager
def open_target(options: argparse.Namespace) -> Iterator[Target]:
    """Connect to what the options name; everything that was opened or started is closed at the end."""
    if options.practice:
        with (
            practising(options.practice, PRACTICE_SPEED) as access,
            _connected(*practice_login(options.practice, access), practice=True) as target,
        ):
            yield Target(target.host, target.secrets, access.answers)
    elif options.profile:
        profile, secrets = open_vault().load(options.profile)
        with _connected(profile, secrets) as target:
            yield target
    elif options.host:
        with _connected(*_address_login(options)) as target:
            yield target
    else:
        _usage("name a host: --practice SCENARIO, --profile NAME or --host ADDR")


@contextmanager
def practising(scenario: str, speed: float) -> Iterator[Access]:
    """A practice host that runs until the end. Raises `PracticeUnusable`."""
    try:
        with PracticeHost(scenario, speed=speed) as access:
            yield access
    except ScenarioError as error:
        raise PracticeUnusable(str(error), name=scenario) from error


def practice_login(name: str, access: Access) -> tuple[Profile, Secrets]:
    """How to log in to a practice host that runs in this process."""
    profile = Profile(
        name=name,
        address=access.host,
        ssh_port=access.ssh_port,
        api_port=access.api_port,
        user=access.user,
        host_key=access.host_key,
    )
    return profile, Secrets(password=Secret(access.password))


@contextmanager
def _connected(profile: Profile, secrets: Secrets, practice: bool = False) -> Iterator[Target]:
    host = connect(profile, secrets, on_new_key=_refuse, is_practice=practice)
    known = (secrets.password, secrets.passphrase, secrets.api_password, secrets.token_secret)
    try:
        yield Target(host, tuple(secret.unmask() for secret in known if secret))
    finally:
        host.close()


def _refuse(question: HostKeyQuestion) -> bool:
    """Without a window nobody can compare a fingerprint: it must be given."""
    return False


def _usage(text: str) -> NoReturn:
    print(f"pve-igpu: {text} (see --help)", file=sys.stderr)
    raise SystemExit(2)


def _address_login(options: argparse.Namespace) -> tuple[Profile, Secrets]:
    if not options.password_stdin:
        # Without --host-key the refusal names the key that the host shows.
        _usage("--host needs --password-stdin, and --host-key SHA256:... of the host")
    secret = Secret(sys.stdin.readline().rstrip("\r\n"))
    profile = Profile(
        name=options.host,
        address=options.host,
        ssh_port=options.ssh_port,
        api_port=options.api_port,
        user=options.user,
        host_key=options.host_key or "",
        api_user=options.api_user,
        api_token_id=options.api_token_id,
    )
    if options.api_token_id:
        return profile, Secrets(password=secret, token_secret=Secret(sys.stdin.readline().rstrip("\r\n")))
    return profile, Secrets(password=secret)
