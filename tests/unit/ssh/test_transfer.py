"""Uploads: proven on both ends, all or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ssh.errors import Cancelled, ConnectionLost, FileNotWritten
from ssh.host import SshHost
from ssh.result import CancelToken
from tests.unit.ssh.conftest import Connect
from tests.unit.ssh.loopback import Loopback
from tests.unit.ssh.test_files import NOT_ENOUGH_ROOM

DATA = hashlib.sha256(b"seed").digest() * 120_000
"""3.7 MB that no compression makes smaller than a window."""


@pytest.fixture
def local(tmp_path: Path) -> Path:
    path = tmp_path / "Windows 11.iso"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def iso(tmp_path: Path) -> Path:
    (tmp_path / "iso").mkdir()
    return tmp_path / "iso"


def test_a_file_arrives_with_its_sum(host: SshHost, local: Path, iso: Path) -> None:
    steps: list[tuple[int, int | None]] = []
    target = iso / "it's Windows.iso"
    target.write_bytes(b"an older one")
    proven = host.upload(local, str(target), progress=lambda done, total: steps.append((done, total)))
    assert proven == hashlib.sha256(DATA).hexdigest()
    assert target.read_bytes() == DATA
    assert target.stat().st_mode & 0o777 == 0o644
    assert list(iso.iterdir()) == [target]
    assert steps == sorted(steps)
    assert steps[-1] == (len(DATA), len(DATA))
    assert len(steps) == 4


def test_an_empty_file_arrives(host: SshHost, tmp_path: Path, iso: Path) -> None:
    (tmp_path / "empty").touch()
    assert host.upload(tmp_path / "empty", str(iso / "empty")) == hashlib.sha256().hexdigest()
    assert (iso / "empty").read_bytes() == b""


def test_cancel_leaves_nothing(host: SshHost, local: Path, iso: Path) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        host.upload(local, str(iso / "x.iso"), progress=lambda done, total: cancel.cancel(), cancel=cancel)
    assert list(iso.iterdir()) == []


def test_what_the_listener_raises_comes_out(host: SshHost, local: Path, iso: Path) -> None:
    def progress(done: int, total: int | None) -> None:
        raise LookupError(total)

    with pytest.raises(LookupError):
        host.upload(local, str(iso / "x.iso"), progress=progress)
    assert list(iso.iterdir()) == []


def test_a_local_file_that_is_not_there(host: SshHost, tmp_path: Path, iso: Path) -> None:
    with pytest.raises(FileNotWritten) as caught:
        host.upload(tmp_path / "gone.iso", str(iso / "x.iso"))
    assert "No such file" in caught.value.detail
    assert list(iso.iterdir()) == []


def test_a_target_that_cannot_be(host: SshHost, local: Path, iso: Path) -> None:
    with pytest.raises(FileNotWritten) as caught:
        host.upload(local, str(iso / "no folder/x.iso"))
    assert "No such file or directory" in caught.value.detail


def test_a_folder_is_not_replaced(host: SshHost, local: Path, iso: Path) -> None:
    (iso / "x.iso").mkdir()
    with pytest.raises(FileNotWritten) as caught:
        host.upload(local, str(iso / "x.iso"))
    assert "directory" in caught.value.detail
    assert list(iso.rglob("*")) == [iso / "x.iso"]


def test_without_room_nothing_is_left(open_host: Connect, loopback: Loopback, local: Path, iso: Path) -> None:
    loopback.noise = NOT_ENOUGH_ROOM
    with pytest.raises(FileNotWritten):
        open_host().upload(local, str(iso / "x.iso"))
    assert list(iso.iterdir()) == []


def test_a_lost_connection_leaves_no_file_of_that_name(
    open_host: Connect, loopback: Loopback, local: Path, iso: Path
) -> None:
    host = open_host()
    loopback.input_limit = 1_000_000
    with pytest.raises(ConnectionLost):
        host.upload(local, str(iso / "x.iso"))
    loopback.settle()
    assert not (iso / "x.iso").exists()
    loopback.input_limit = 0
    host.reconnect()
    host.upload(local, str(iso / "x.iso"))
    assert [path.name for path in iso.iterdir()] == ["x.iso"]


def test_as_another_user_root_receives(open_host: Connect, loopback: Loopback, local: Path, iso: Path) -> None:
    loopback.sudo_password = loopback.passwords["admin"]
    assert open_host(user="admin").upload(local, str(iso / "x.iso")) == hashlib.sha256(DATA).hexdigest()
