"""A served practice host, used by ssh, sftp, scp, curl, proxmoxer - and by our own command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from proxmoxer import ProxmoxAPI
from proxmoxer.tools import Tasks

KEYGEN = shutil.which("ssh-keygen")
needs_openssh = pytest.mark.skipif(not (shutil.which("ssh") and KEYGEN), reason="OpenSSH's client is not installed")

CLI = [sys.executable, "-m", "gui.cli"]
KEY = "SHA256:" + "A" * 43


@dataclass
class Served:
    """What `practice serve` printed, and the folder for this test's own files."""

    line: dict[str, Any]
    folder: Path

    def target(self) -> list[str]:
        line = self.line
        words = ["--host", line["host"], "--user", line["user"], "--host-key", line["host_key"], "--password-stdin"]
        return [*words, "--ssh-port", str(line["ssh_port"]), "--api-port", str(line["api_port"])]

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [*CLI, words[0], *self.target(), *words[1:]]
        password = f"{self.line['password']}\n"
        return subprocess.run(command, input=password, capture_output=True, text=True, timeout=110, check=False)

    def shell(self, script: str) -> str:
        """A command on the host over OpenSSH with a key."""
        return subprocess.run(
            [*self.openssh("ssh", "-p"), "root@127.0.0.1", script],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def openssh(self, program: str, port_option: str) -> list[str]:
        options = ["-F", "none", "-o", "BatchMode=yes", "-o", f"IdentityFile={self.folder / 'key'}"]
        options += ["-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={self.folder / 'known'}"]
        return [program, *options, "-o", "StrictHostKeyChecking=yes", port_option, str(self.line["ssh_port"])]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    process = subprocess.Popen(
        [*CLI, "practice", "serve", "n100-pve82", "--speed", "60"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        made = Served(json.loads(process.stdout.readline()), tmp_path)
        if KEYGEN:
            install_key(made)
        yield made
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def install_key(served: Served) -> None:
    """A key pair of the test; the public half goes to the host by our own connection."""
    from ssh.connect import Secrets, connect
    from ssh.profiles import Profile
    from ssh.secret import Secret

    key = served.folder / "key"
    subprocess.run([str(KEYGEN), "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    line = served.line
    profile = Profile("served", "127.0.0.1", ssh_port=line["ssh_port"], host_key=line["host_key"])
    host = connect(profile, Secrets(password=Secret(line["password"])), on_new_key=lambda question: False)
    host.run(["mkdir", "-p", "-m", "0700", "/root/.ssh"])
    public = key.with_suffix(".pub").read_bytes()
    host.write_file("/root/.ssh/authorized_keys", public, expect=None, backup=None, mode=0o600)
    host.close()
    scan = ["ssh-keyscan", "-t", "ed25519", "-p", str(line["ssh_port"]), "127.0.0.1"]
    known = subprocess.run(scan, capture_output=True, text=True, check=True, timeout=30).stdout
    (served.folder / "known").write_text(known, encoding="utf-8")
    shown = subprocess.run(
        [str(KEYGEN), "-lf", str(served.folder / "known")], capture_output=True, text=True, check=True
    )
    assert line["host_key"] in shown.stdout


def test_the_line_says_everything(served: Served) -> None:
    known = {
        "host",
        "ssh_port",
        "api_port",
        "user",
        "password",
        "host_key",
        "ca",
        "answers",
        "control",
        "control_token",
    }
    assert set(served.line) == known
    answers = Path(served.line["answers"])
    assert (answers.parent / "n100.rom").read_bytes()[:2] == b"\x55\xaa"
    assert len(list(answers.parent.glob("*.iso"))) == 2


@needs_openssh
def test_openssh_clients_work(served: Served) -> None:
    assert served.shell("uname -r; echo $((6*7)) | cat").split() == ["6.8.8-2-pve", "42"]
    local, back = served.folder / "up.bin", served.folder / "back.bin"
    local.write_bytes(os.urandom(3 << 20))
    scp = served.openssh("scp", "-P")
    subprocess.run([*scp, str(local), "root@127.0.0.1:/tmp/up.bin"], check=True, capture_output=True, timeout=60)
    subprocess.run([*scp, "root@127.0.0.1:/tmp/up.bin", str(back)], check=True, capture_output=True, timeout=60)
    assert back.read_bytes() == local.read_bytes()
    sftp = subprocess.run(
        [*served.openssh("sftp", "-P"), "root@127.0.0.1"],
        input="ls -l /etc/pve\nget /etc/default/grub " + str(served.folder / "grub") + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert sftp.returncode == 0, sftp.stderr
    assert "storage.cfg" in sftp.stdout
    assert "GRUB_DEFAULT=0" in (served.folder / "grub").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_works_behind_the_hosts_own_ca(served: Served) -> None:
    base = f"https://127.0.0.1:{served.line['api_port']}/api2/json"
    common = ["curl", "-sS", "--cacert", served.line["ca"], "-w", "\n%{http_code}"]
    login = [*common, "-d", "username=root@pam", "--data-urlencode", f"password={served.line['password']}"]
    text, _, code = run_curl([*login, f"{base}/access/ticket"])
    ticket = json.loads(text)["data"]["ticket"]
    assert code == "200"
    text, _, code = run_curl([*common, "-b", f"PVEAuthCookie={ticket}", f"{base}/version"])
    assert (json.loads(text)["data"]["version"], code) == ("8.2.4", "200")
    _, _, code = run_curl([*common, "-b", f"PVEAuthCookie={ticket}", f"{base}/nosuch"])
    assert code == "501"
    _, _, code = run_curl([*common, "-X", "POST", "-b", f"PVEAuthCookie={ticket}", f"{base}/nodes/pve/qemu"])
    assert code == "401"


def run_curl(command: list[str]) -> tuple[str, str, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.rpartition("\n")


def test_proxmoxer_works(served: Served) -> None:
    line = served.line
    api = ProxmoxAPI(
        "127.0.0.1",
        port=line["api_port"],
        user="root@pam",
        password=line["password"],
        verify_ssl=line["ca"],
        timeout=30,
    )
    assert api.version.get()["release"] == "8.2"
    token = api.access.users("root@pam").token("test").post(privsep=0)
    by_token = ProxmoxAPI(
        "127.0.0.1",
        port=line["api_port"],
        user="root@pam",
        token_name="test",
        token_value=token["value"],
        verify_ssl=line["ca"],
        timeout=30,
    )
    assert by_token.nodes.get()[0]["node"] == "pve"
    iso = Path(line["answers"]).parent / "Win10_22H2_practice.iso"
    with iso.open("rb") as file:
        upid = by_token.nodes("pve").storage("local").upload.post(content="iso", filename=file)
    assert Tasks.blocking_status(api, upid)["exitstatus"] == "OK"
    large = served.folder / "large.iso"
    large.write_bytes(os.urandom(12 << 20))
    with large.open("rb") as file:
        upid = api.nodes("pve").storage("local").upload.post(content="iso", filename=file)
    assert Tasks.decode_upid(upid)["type"] == "imgcopy"
    assert Tasks.blocking_status(api, upid)["exitstatus"] == "OK"
    assert Tasks.decode_log(api.nodes("pve").tasks(upid).log.get()).endswith("TASK OK")
    stored = {item["volid"]: item["size"] for item in api.nodes("pve").storage("local").content.get(content="iso")}
    assert stored == {"local:iso/Win10_22H2_practice.iso": iso.stat().st_size, "local:iso/large.iso": 12 << 20}


def test_the_command_line_walks_undoes_and_does_nothing_twice(served: Served) -> None:
    line, report = served.line, served.folder / "report"
    names = "/etc/default/grub /boot/grub/grub.cfg /etc/modprobe.d/vfio.conf /etc/pve/storage.cfg"
    look = f"cat {names} 2>&1; ls -l /etc/modprobe.d /usr/share/kvm /var/lib/vz/template/iso /etc/pve/qemu-server/"
    before = served.shell(look)
    walk = ["guide", "--answers", line["answers"], "--report", str(report)]
    first = served.cli(*walk)
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.count("  ~ /etc/default/grub\n") == 1
    assert {step["state"] for step in json.loads((report / "report.json").read_text())["steps"]} == {"done"}
    journal = (report / "journal.jsonl").read_text().count('"phase": "end"')
    assert journal >= 10
    after = served.shell(look) + served.shell("cat /etc/pve/qemu-server/100.conf")
    second = served.cli(*walk)
    assert second.returncode == 0, second.stdout + second.stderr
    assert served.shell(look) + served.shell("cat /etc/pve/qemu-server/100.conf") == after
    assert (report / "journal.jsonl").read_text().count('"phase": "end"') == journal
    assert served.cli("undo", "--to", "4.1").returncode == 0
    assert "hostpci" not in served.shell("qm config 100")
    undone = served.cli("undo")
    assert undone.returncode == 0, undone.stdout + undone.stderr
    assert strip_times(served.shell(look)) == strip_times(before)
    password = line["password"]
    assert password not in first.stdout + first.stderr + "".join(p.read_text() for p in report.glob("*.*"))


def strip_times(text: str) -> list[list[str]]:
    """ls prints times; everything else must be the same."""
    return [[word for word in row.split() if ":" not in word or "/" in word] for row in text.splitlines()]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["guide", "--practice", "vtd-off"], 10),
        (["guide", "--host", "127.0.0.1", "--ssh-port", "1", "--host-key", KEY, "--password-stdin"], 11),
        (["guide", "--practice", "n100-pve82", "--answers", "/nonexistent.toml"], 2),
        (["survey", "--practice", "n100-pve82"], 0),
        (["survey"], 2),
        (["survey", "--host", "127.0.0.1", "--ssh-port", "1"], 2),
    ],
)
def test_exit_codes(words: list[str], code: int) -> None:
    done = subprocess.run([*CLI, *words], input="secret\n", capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == code, done.stdout + done.stderr


def test_a_wrong_key_stops_before_the_password(served: Served) -> None:
    words = [*CLI, "survey", *served.target()]
    words[words.index("--host-key") + 1] = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    done = subprocess.run(words, input="x\n", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 11
    assert served.line["host_key"] in done.stderr
