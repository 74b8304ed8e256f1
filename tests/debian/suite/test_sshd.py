"""What OpenSSH and the host's own shells do that a simulated server does not."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from guide.errors import AppError
from guide.state import StepState
from ssh.errors import AuthenticationFailed, CommandFailed, FileNotWritten
from ssh.profiles import Profile
from tests.debian.suite import record
from tests.debian.suite.bench import Bench

CONFIG = "/etc/ssh/sshd_config.d/00-test.conf"


@pytest.fixture
def needs() -> tuple[str, ...]:
    return ("real-sshd",)


@pytest.fixture
def configured(bench: Bench) -> Callable[[str], None]:
    """Change sshd's configuration; it counts for new connections."""

    def configure(text: str) -> None:
        bench.host.write(CONFIG, text.encode())
        bench.host.run("systemctl reload ssh")

    return configure


def with_key(bench: Bench, kind: str) -> Profile:
    """A profile that logs in by a new key of that kind."""
    file = bench.folder / kind
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(file)], check=True)
    bench.host.write("/root/.ssh/authorized_keys", file.with_suffix(".pub").read_bytes(), 0o600)
    return replace(bench.profile, auth="key", key_file=str(file))


def looks_as_usual(bench: Bench, profile: Profile | None = None) -> None:
    """The survey sees what it sees everywhere."""
    view = bench.session(bench.connect(profile)).survey()
    bench.see("facts", record.facts(view.facts))
    bench.see("findings", record.findings(view.findings))
    bench.compare("survey-grub")


def big(folder: Path, mib: int) -> Path:
    path = folder / "big"
    path.write_bytes(os.urandom(1 << 20) * mib)
    return path


def test_rekeying_in_a_long_upload(bench: Bench, configured: Callable[[str], None]) -> None:
    configured("RekeyLimit 4M\n")
    file = big(bench.folder, 48)
    proven = bench.connect().upload(file, "/var/lib/vz/template/iso/big.iso")
    assert proven == hashlib.sha256(file.read_bytes()).hexdigest()
    assert bench.host.run("sha256sum /var/lib/vz/template/iso/big.iso").out.split()[0] == proven


def test_one_session_at_a_time(bench: Bench, configured: Callable[[str], None]) -> None:
    """MaxSessions 1: tunnel to the API and commands share the connection, but not a session."""
    configured("MaxSessions 1\n")
    session = bench.session()
    bench.walk(session, "cmdline")
    assert session.states["cmdline"] is StepState.DONE


def test_no_passwords(bench: Bench, configured: Callable[[str], None]) -> None:
    configured("PasswordAuthentication no\n")
    with pytest.raises(AuthenticationFailed):
        bench.connect()
    looks_as_usual(bench, with_key(bench, "ed25519"))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_keys_of_every_kind(bench: Bench, configured: Callable[[str], None], kind: str) -> None:
    """Both the person's key and the host's."""
    configured(f"HostKey /etc/ssh/ssh_host_{kind}_key\n")
    shown = bench.host.run(f"ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub").out.split()[1]
    host = bench.connect(replace(with_key(bench, kind), host_key=shown))
    assert host.fingerprint == shown
    assert host.run(["id", "-u"]).stdout == "0\n"


NOISE = 'echo "Welcome to pve!"; echo "quota: 93% used" >&2; printf "\\033[31mred\\033[0m\\n"\n'


def test_a_banner_and_a_noisy_bashrc(bench: Bench, configured: Callable[[str], None]) -> None:
    bench.host.write("/etc/issue.net", "Authorised use only. 未经授权禁止使用。\n".encode())
    configured("Banner /etc/issue.net\n")
    old = bench.host.read("/root/.bashrc") or b""
    bench.host.write("/root/.bashrc", NOISE.encode() + old)
    looks_as_usual(bench)
    bench.walk(bench.session(), "cmdline")


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "C"])
def test_the_hosts_language(bench: Bench, configured: Callable[[str], None], language: str) -> None:
    configured(f"SetEnv LANG={language} LC_ALL={language}\n")
    looks_as_usual(bench)
    session = bench.session()
    bench.walk(session, "cmdline")
    assert session.states["cmdline"] is StepState.DONE


@pytest.mark.parametrize("shell", ["/bin/zsh", "/bin/tcsh", "/bin/dash"])
def test_a_login_shell_that_is_not_bash(bench: Bench, shell: str) -> None:
    assert bench.host.run(f"usermod -s {shell} root").rc == 0
    looks_as_usual(bench)
    session = bench.session()
    bench.walk(session, "cmdline")
    assert session.states["cmdline"] is StepState.DONE


def test_tmp_without_exec(bench: Bench) -> None:
    assert bench.host.run("mount -t tmpfs -o noexec,nosuid,nodev,mode=1777 tmpfs /tmp").rc == 0
    session = bench.session()
    bench.walk(session, "vfio")
    assert session.states["vfio"] is StepState.DONE


def test_a_read_only_root_is_said_clearly(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, "check")
    before = bench.host.tree()
    assert bench.host.run("mount -o remount,ro /").rc == 0
    plan = session.plan("cmdline")
    with pytest.raises(AppError) as caught:
        session.run("cmdline", plan.digest)
    assert isinstance(caught.value, CommandFailed | FileNotWritten)
    assert "Read-only file system" in caught.value.detail
    assert bench.host.run("mount -o remount,rw /").rc == 0
    assert bench.host.tree() == before
    bench.walk(session, "cmdline")
    assert session.states["cmdline"] is StepState.DONE
