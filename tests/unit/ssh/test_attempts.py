"""Logins that take more than one attempt: an agent with several keys, a host that asks instead of taking a password."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import paramiko
import pytest

from ssh.connect import Secrets, connect
from ssh.connection import open_transport
from ssh.errors import AuthenticationFailed
from ssh.hostkey import fingerprint
from ssh.profiles import Profile
from ssh.secret import Secret
from tests.unit.ssh.conftest import nobody
from tests.unit.ssh.openssh import OpenSshd


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A real agent for this test only."""
    if shutil.which("ssh-agent") is None:
        pytest.skip("needs OpenSSH's agent")
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    yield path
    process.terminate()
    process.wait(10)
    process.stdout.close()


def add(key: Path) -> None:
    key.chmod(0o600)
    subprocess.run(["ssh-add", "-q", str(key)], check=True, env=dict(os.environ))


@pytest.mark.real_sshd
def test_the_agents_second_key_opens(sshd: OpenSshd, agent: Path, tmp_path: Path) -> None:
    profile = Profile(
        "test", "127.0.0.1", sshd.port, user=sshd.user, auth="agent", host_key=sshd.fingerprints["ed25519"]
    )
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "other")
    add(tmp_path / "other")
    with pytest.raises(AuthenticationFailed):
        connect(profile, Secrets(), on_new_key=nobody)
    add(sshd.key_file)
    host = connect(profile, Secrets(), on_new_key=nobody)
    assert host.run(["true"]).status == 0
    host.close()


class Asking(paramiko.ServerInterface):
    """A host that asks one question, as PAM does."""

    def get_allowed_auths(self, username: str) -> str:
        return "keyboard-interactive"

    def check_auth_interactive(self, username: str, submethods: str) -> paramiko.InteractiveQuery:
        return paramiko.InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        return paramiko.AUTH_SUCCESSFUL if responses == ["correct horse"] else paramiko.AUTH_FAILED


@pytest.fixture
def asking() -> Iterator[Profile]:
    key = paramiko.ECDSAKey.generate()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted: list[paramiko.Transport] = []

        def serve() -> None:
            accepted.append(paramiko.Transport(listener.accept()[0]))
            accepted[0].add_server_key(key)
            accepted[0].start_server(event=threading.Event(), server=Asking())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Profile("test", "127.0.0.1", listener.getsockname()[1], host_key=fingerprint(key))
        thread.join(10)
        for transport in accepted:
            transport.close()


def test_a_host_that_asks_gets_the_password(asking: Profile) -> None:
    transport, _ = open_transport(asking, Secrets(password=Secret("correct horse")), nobody)
    assert transport.is_authenticated()
    transport.close()


def test_a_host_that_asks_refuses_a_wrong_one(asking: Profile) -> None:
    with pytest.raises(AuthenticationFailed):
        open_transport(asking, Secrets(password=Secret("wrong")), nobody)
