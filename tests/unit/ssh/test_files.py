"""Small files: exact, atomic, kept safe, compared first."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from ssh.errors import ConnectionLost, FileChangedMeanwhile, FileNotWritten
from ssh.host import SshHost
from tests.unit.ssh.conftest import Connect
from tests.unit.ssh.loopback import Loopback

EVERY_BYTE = bytes(range(256)) * 50
NOT_ENOUGH_ROOM = "ulimit -f 8"
"""No file may grow beyond a few KiB: the nearest thing to a full disk without a disk."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a folder, 它的名字"
    made.mkdir()
    return made


@pytest.mark.parametrize("data", [EVERY_BYTE, b"", b"no line end", b"\n\n", "核显\r\n".encode()])
def test_content_is_read_and_written_exactly(host: SshHost, folder: Path, data: bytes) -> None:
    path = folder / "it's a file"
    host.write_file(str(path), data, expect=None, backup=None, mode=0o640)
    assert path.read_bytes() == data
    state = host.read_file(str(path))
    assert (state.data, state.mode, state.owner) == (data, 0o640, f"{path.owner()}:{path.group()}")


def test_a_missing_file_has_no_data(host: SshHost, folder: Path) -> None:
    state = host.read_file(str(folder / "missing"))
    assert (state.data, state.exists) == (None, False)
    assert host.sha256(str(folder / "missing")) is None


def test_a_file_is_replaced_with_its_mode_kept_and_the_old_one_saved(host: SshHost, folder: Path) -> None:
    path, backup = folder / "grub", folder / "deep/er/backup"
    path.write_bytes(b"old")
    path.chmod(0o751)
    host.write_file(str(path), b"new", expect=b"old", backup=str(backup))
    assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (b"new", 0o751)
    assert (backup.read_bytes(), backup.stat().st_mode & 0o7777) == (b"old", 0o600)
    assert backup.parent.stat().st_mode & 0o7777 == 0o700
    assert sorted(folder.iterdir()) == sorted([path, folder / "deep"])


def test_a_link_stays_a_link(host: SshHost, folder: Path) -> None:
    (folder / "real").write_bytes(b"old")
    (folder / "link").symlink_to("real")
    host.write_file(str(folder / "link"), b"new", expect=b"old", backup=None)
    assert (folder / "link").is_symlink()
    assert (folder / "real").read_bytes() == b"new"


@pytest.mark.parametrize(("there", "expect"), [(b"theirs", b"old"), (b"theirs", None), (None, b"old")])
def test_what_somebody_changed_is_left_alone(
    host: SshHost, folder: Path, there: bytes | None, expect: bytes | None
) -> None:
    path = folder / "grub"
    if there is not None:
        path.write_bytes(there)
    with pytest.raises(FileChangedMeanwhile):
        host.write_file(str(path), b"new", expect=expect, backup=str(folder / "backup"))
    assert (path.read_bytes() if path.exists() else None) == there
    assert not (folder / "backup").exists()


def test_a_place_that_takes_no_file_says_why(host: SshHost) -> None:
    with pytest.raises(FileNotWritten) as caught:
        host.write_file("/proc/no such folder/file", b"new", expect=None, backup=None)
    assert "/proc/no such folder/file" in caught.value.detail


def test_without_room_the_old_file_stays(open_host: Connect, loopback: Loopback, folder: Path) -> None:
    path = folder / "grub"
    path.write_bytes(b"old")
    loopback.noise = NOT_ENOUGH_ROOM
    with pytest.raises(FileNotWritten):
        open_host().write_file(str(path), b"x" * 100_000, expect=b"old", backup=None)
    assert path.read_bytes() == b"old"
    assert list(folder.iterdir()) == [path]


def test_a_connection_that_dies_in_between_leaves_no_half_file(
    open_host: Connect, loopback: Loopback, folder: Path
) -> None:
    """The host sees the end of its input, just as if everything had come."""
    path = folder / "grub"
    path.write_bytes(b"old")
    loopback.input_limit = 50_000
    with pytest.raises(ConnectionLost):
        open_host().write_file(str(path), b"x" * 200_000, expect=b"old", backup=None)
    loopback.settle()
    # The host cleans up when it sees the end of its input, which may be after we saw ours.
    for _ in range(400):
        if list(folder.iterdir()) == [path]:
            break
        threading.Event().wait(0.05)
    assert path.read_bytes() == b"old"
    assert list(folder.iterdir()) == [path]


def test_as_another_user_files_are_written_by_root(open_host: Connect, loopback: Loopback, folder: Path) -> None:
    loopback.sudo_password = loopback.passwords["admin"]
    host = open_host(user="admin")
    host.write_file(str(folder / "vfio.conf"), EVERY_BYTE, expect=None, backup=None)
    assert host.read_file(str(folder / "vfio.conf")).data == EVERY_BYTE


def test_removing(host: SshHost, folder: Path) -> None:
    path = folder / "vfio.conf"
    path.write_bytes(b"theirs")
    with pytest.raises(FileChangedMeanwhile):
        host.remove_file(str(path), expect=b"ours")
    host.remove_file(str(path), expect=b"theirs")
    assert not path.exists()
    host.remove_file(str(path))
    host.remove_file(str(path), expect=b"theirs")


def test_a_folder_is_not_removed(host: SshHost, folder: Path) -> None:
    with pytest.raises(FileNotWritten):
        host.remove_file(str(folder))


def test_sha256_is_computed_there(host: SshHost, folder: Path) -> None:
    (folder / "rom").write_bytes(EVERY_BYTE)
    assert host.sha256(str(folder / "rom")) == hashlib.sha256(EVERY_BYTE).hexdigest()
