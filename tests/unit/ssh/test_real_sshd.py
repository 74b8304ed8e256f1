"""The transport against OpenSSH's own sshd: commands, files, jobs, uploads, host keys."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssh import jobs
from ssh.connect import Secrets, connect
from ssh.errors import (
    AuthenticationFailed,
    Cancelled,
    CommandFailed,
    CommandTimeout,
    FileChangedMeanwhile,
    FileNotWritten,
    HostKeyChanged,
    HostKeyUnknown,
)
from ssh.host import SshHost
from ssh.profiles import Profile
from ssh.result import CancelToken
from ssh.secret import Secret
from tests.ports import free_port

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"

pytestmark = [
    pytest.mark.real_sshd,
    pytest.mark.skipif(
        not Path(SSHD).exists() or not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs sshd and root"
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    folder = tmp_path_factory.mktemp("sshd")
    for name in ("host_ed25519", "host_rsa", "user"):
        kind = "rsa" if name.endswith("rsa") else "ed25519"
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    port = free_port()
    config = folder / "config"
    lines = [f"ListenAddress 127.0.0.1:{port}", f"HostKey {folder / 'host_ed25519'}", f"HostKey {folder / 'host_rsa'}"]
    lines += [f"AuthorizedKeysFile {folder / 'authorized'}", "StrictModes no", "UsePAM no", "PermitRootLogin yes"]
    lines += ["PasswordAuthentication no", "PidFile none"]
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=subprocess.DEVNULL)
    shown = subprocess.run(
        ["ssh-keygen", "-lf", str(folder / "host_ed25519.pub")], capture_output=True, text=True, check=True
    )
    profile = Profile(
        "real", "127.0.0.1", ssh_port=port, auth="key", key_file=str(folder / "user"), host_key=shown.stdout.split()[1]
    )
    try:
        wait_for(port)
        yield profile
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            threading.Event().wait(0.05)
    raise AssertionError("sshd did not start")


@pytest.fixture
def host(server: Profile) -> Iterator[SshHost]:
    made = connect(server, Secrets(), on_new_key=lambda question: False)
    yield made
    made.close()


def test_streams_status_and_quoting(host: SshHost) -> None:
    lines: list[tuple[str, str]] = []
    result = host.run(
        ["sh", "-c", 'echo "$1"; echo err >&2; exit 3', "x", "a b'c\"$HOME;`x`\n2"],
        check=False,
        on_line=lambda stream, line: lines.append((stream, line)),
    )
    assert result.status == 3
    assert result.stdout == "a b'c\"$HOME;`x`\n2\n"
    assert sorted(lines) == [("stderr", "err"), ("stdout", "2"), ("stdout", "a b'c\"$HOME;`x`")]


def test_a_failure_names_the_command_and_quotes_the_host(host: SshHost) -> None:
    with pytest.raises(CommandFailed) as caught:
        host.run(["ls", "/nonexistent"])
    assert caught.value.params["command"] == "ls /nonexistent"
    assert "No such file" in caught.value.detail


def test_much_output_on_both_streams_does_not_block(host: SshHost) -> None:
    result = host.run(["sh", "-c", "head -c 6000000 /dev/zero >&2; head -c 6000000 /dev/zero"])
    assert (len(result.stdout), len(result.stderr)) == (6_000_000, 6_000_000)


def test_stdin_arrives_byte_for_byte(host: SshHost) -> None:
    data = os.urandom(300_000)
    result = host.run(["sh", "-c", "sha256sum; cat > /dev/null"], stdin=data)
    import hashlib

    assert result.stdout.split()[0] == hashlib.sha256(data).hexdigest()


def test_timeout_and_cancel(host: SshHost) -> None:
    with pytest.raises(CommandTimeout):
        host.run(["sleep", "30"], timeout=0.5)
    token = CancelToken()
    threading.Timer(0.3, token.cancel).start()
    with pytest.raises(Cancelled):
        host.run(["sleep", "30"], cancel=token)
    assert host.run(["echo", "still here"]).stdout == "still here\n"


def test_files_are_replaced_atomically_with_backup_mode_and_owner(host: SshHost, tmp_path: Path) -> None:
    path, backup = tmp_path / "a file", tmp_path / "backups" / "one" / "a"
    path.write_bytes(b"old\n")
    path.chmod(0o640)
    os.chown(path, 0, 33)
    host.write_file(str(path), b"new\xff\x00\n", expect=b"old\n", backup=str(backup))
    assert path.read_bytes() == b"new\xff\x00\n"
    assert (path.stat().st_mode & 0o777, path.stat().st_gid) == (0o640, 33)
    assert backup.read_bytes() == b"old\n"
    assert (backup.stat().st_mode & 0o777, backup.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    state = host.read_file(str(path))
    assert (state.data, state.mode, state.owner) == (b"new\xff\x00\n", 0o640, "root:www-data")
    assert list(tmp_path.glob("*.new")) == []


def test_a_file_that_changed_is_left_alone(host: SshHost, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"somebody's\n")
    for expect in (b"ours\n", None):
        with pytest.raises(FileChangedMeanwhile):
            host.write_file(str(path), b"x", expect=expect, backup=None)
    assert path.read_bytes() == b"somebody's\n"
    with pytest.raises(FileNotWritten):
        host.write_file(str(tmp_path / "no" / "folder"), b"x", expect=None, backup=None)
    host.remove_file(str(path), expect=b"somebody's\n")
    assert not path.exists()
    assert host.read_file(str(path)).data is None


def test_upload_is_proven_on_both_ends(host: SshHost, tmp_path: Path) -> None:
    local, remote = tmp_path / "local.bin", tmp_path / "remote dir" / "it.iso"
    local.write_bytes(os.urandom(5_000_000))
    remote.parent.mkdir()
    seen: list[int] = []
    proven = host.upload(local, str(remote), progress=lambda done, total: seen.append(done))
    assert remote.read_bytes() == local.read_bytes()
    assert proven == host.sha256(str(remote))
    assert seen[-1] == 5_000_000
    assert host.sha256(str(tmp_path / "nothing")) is None


def test_a_cancelled_upload_leaves_nothing(host: SshHost, tmp_path: Path) -> None:
    local, remote = tmp_path / "local.bin", tmp_path / "remote.iso"
    local.write_bytes(bytes(8_000_000))
    token = CancelToken()
    with pytest.raises(Cancelled):
        host.upload(local, str(remote), progress=lambda done, total: token.cancel(), cancel=token)
    assert [path.name for path in tmp_path.glob("remote*")] == []


def test_a_job_outlives_its_watcher_and_is_picked_up(
    host: SshHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "FOLDER", str(tmp_path / "jobs"))
    gate = tmp_path / "gate"
    wait = f"until [ -e {gate} ]; do sleep 0.05; done"
    argv = ["sh", "-c", f"echo begun; {wait}; echo x >> {tmp_path / 'count'}; echo ended"]
    token = CancelToken()
    with pytest.raises(Cancelled):
        host.run_job("demo", argv, on_line=lambda stream, line: token.cancel(), cancel=token)
    # Only who watches it again lets it end.
    result = host.run_job("demo", argv, on_line=lambda stream, line: gate.touch())
    assert result.stdout == "begun\nended\n"
    assert (tmp_path / "count").read_text(encoding="utf-8") == "x\n"
    with pytest.raises(CommandFailed):
        host.run_job("demo", ["false"])
    assert list((tmp_path / "jobs").iterdir()) == []


def test_host_keys(server: Profile) -> None:
    from dataclasses import replace

    with pytest.raises(HostKeyUnknown) as unknown:
        connect(replace(server, host_key=""), Secrets(), on_new_key=lambda question: False)
    assert unknown.value.params["fingerprint"].startswith("SHA256:")
    with pytest.raises(HostKeyChanged) as changed:
        connect(replace(server, host_key="SHA256:" + "A" * 43), Secrets(), on_new_key=lambda question: True)
    assert changed.value.params["shown"] == server.host_key
    asked: list[str] = []
    host = connect(
        replace(server, host_key=""), Secrets(), on_new_key=lambda question: not asked.append(question.fingerprint)
    )
    assert asked == [host.fingerprint]
    host.close()


def test_another_key_of_the_same_host_may_be_pinned(server: Profile) -> None:
    """The server prefers ed25519; a profile that pinned its RSA key still connects."""
    from dataclasses import replace

    public = Path(server.key_file).with_name("host_rsa.pub")
    shown = subprocess.run(["ssh-keygen", "-lf", str(public)], capture_output=True, text=True, check=True)
    pinned = shown.stdout.split()[1]
    host = connect(replace(server, host_key=pinned), Secrets(), on_new_key=lambda question: False)
    assert host.fingerprint == pinned
    host.close()


def test_a_refused_login_says_who_and_never_the_secret(server: Profile, caplog: pytest.LogCaptureFixture) -> None:
    from dataclasses import replace

    with pytest.raises(AuthenticationFailed) as caught:
        connect(
            replace(server, auth="password"), Secrets(password=Secret("top-secret")), on_new_key=lambda question: False
        )
    assert "top-secret" not in str(caught.value) + caplog.text


def test_tcp_open_is_seen_from_the_host(host: SshHost, server: Profile) -> None:
    assert host.tcp_open("127.0.0.1", server.ssh_port)
    assert not host.tcp_open("127.0.0.1", 1)
