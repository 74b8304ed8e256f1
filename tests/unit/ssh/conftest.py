"""Servers on loopback, and hosts that are connected to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ssh import jobs
from ssh.connect import Secrets, connect
from ssh.host import SshHost
from ssh.hostkey import HostKeyQuestion
from ssh.profiles import Profile
from ssh.secret import Secret
from tests.unit.ssh.loopback import Loopback
from tests.unit.ssh.openssh import SSHD, OpenSshd

Connect = Callable[..., SshHost]


def nobody(question: HostKeyQuestion) -> bool:
    """Accepts no new key."""
    return False


@pytest.fixture(autouse=True)
def jobs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jobs of the tests leave nothing in the machine's own /var/lib."""
    monkeypatch.setattr(jobs, "FOLDER", str(tmp_path / "jobs"))
    return tmp_path / "jobs"


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[Loopback]:
    server = Loopback(tmp_path / "loopback")
    server.start()
    yield server
    server.close()


@pytest.fixture
def open_host(loopback: Loopback) -> Iterator[Connect]:
    """Connects to the loopback server; every field of the profile and every secret may be given."""
    opened: list[SshHost] = []

    def make(
        secrets: Secrets | None = None,
        on_new_key: Any = nobody,
        on_code: Any = None,
        on_password: Any = None,
        **fields: Any,
    ) -> SshHost:
        fields = {"name": "test", "address": "127.0.0.1", "ssh_port": loopback.port, **fields}
        profile = Profile(**{"host_key": loopback.fingerprint, **fields})
        known = secrets or Secrets(password=Secret(loopback.passwords.get(profile.user, "")))
        opened.append(connect(profile, known, on_new_key=on_new_key, on_code=on_code, on_password=on_password))
        return opened[-1]

    yield make
    for host in opened:
        host.close()


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[OpenSshd]:
    if SSHD is None:
        pytest.skip("OpenSSH's sshd is not installed")
    folder = tmp_path / "sshd"
    folder.mkdir()
    server = OpenSshd(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["asyncssh", pytest.param("openssh", marks=pytest.mark.real_sshd)])
def host(request: pytest.FixtureRequest) -> Iterator[SshHost]:
    """The same test on two servers that share no code."""
    if request.param == "asyncssh":
        yield request.getfixturevalue("open_host")()
        return
    server: OpenSshd = request.getfixturevalue("sshd")
    profile = Profile(
        name="test",
        address="127.0.0.1",
        ssh_port=server.port,
        user=server.user,
        auth="key",
        key_file=str(server.key_file),
        host_key=server.fingerprints["ed25519"],
    )
    connected = connect(profile, Secrets(), on_new_key=nobody)
    yield connected
    connected.close()
