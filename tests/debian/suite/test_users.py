"""Somebody who is not root, with sudo, does the whole host side."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from guide.events import LogLine
from guide.state import StepState
from ssh.connect import Secrets
from ssh.errors import SudoRefused
from ssh.secret import Secret
from tests.debian.image.rootfs import SUDOER
from tests.debian.suite.bench import Bench

WITHOUT_PASSWORD = f"{SUDOER} ALL=(ALL:ALL) NOPASSWD: ALL\n"


def token(bench: Bench) -> str:
    made = bench.host.run("pveum user token add root@pam guide --privsep 0 --output-format json")
    assert made.rc == 0, made.err
    return str(json.loads(made.out)["value"])


def secrets(bench: Bench) -> Secrets:
    return Secrets(password=Secret(bench.host.password), api_password=Secret(bench.host.password))


def test_sudo_that_asks_nothing(bench: Bench) -> None:
    bench.host.write(f"/etc/sudoers.d/{SUDOER}", WITHOUT_PASSWORD.encode(), 0o440)
    keyless = bench.connect(replace(bench.profile, user=SUDOER, api_user="root@pam"), secrets(bench))
    keyless.shell._password = Secret("not this one")
    session = bench.session(keyless)
    bench.walk(session, "cmdline")
    assert session.states["cmdline"] is StepState.DONE


def test_sudo_with_a_password(bench: Bench) -> None:
    """args, raw hostpci and romfile are refused to every token: they go by `qm set` through sudo."""
    before = bench.host.tree()
    profile = replace(bench.profile, user=SUDOER, api_token_id="root@pam!guide")
    session = bench.session(bench.connect(profile, replace(secrets(bench), token_secret=Secret(token(bench)))))
    bench.walk(session, "configure", "steps")
    assert session.states["configure"] is StepState.DONE
    shown = [event.text for event in bench.events if isinstance(event, LogLine)]
    assert not any(bench.host.password in line for line in shown)
    assert bench.host.password not in session.journal.text
    session.undo()
    assert bench.host.tree() == before
    bench.compare("sudo")


def test_without_sudo(bench: Bench) -> None:
    """Said at the first look, before anything is done."""
    bench.host.add_user("guest")
    host = bench.connect(replace(bench.profile, user="guest"))
    with pytest.raises(SudoRefused):
        bench.session(host).survey()
