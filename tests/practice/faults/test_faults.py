"""Every fault that a practice host can have, seen through ssh/ or guide/."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from practice.faults import FaultError, parse
from practice.host import PracticeHost
from ssh.errors import (
    ApiRefused,
    CommandFailed,
    CommandTimeout,
    ConnectionFailed,
    FileChangedMeanwhile,
    FileNotWritten,
    HostKeyChanged,
    TaskFailed,
    TlsNotVerified,
)
from tests.practice.conftest import Bench

MIB = 1 << 20


def ask(bench: Bench, **faults: Any) -> None:
    bench.host.call(bench.host.machine.faults.apply(parse(faults)))


def make_vm(bench: Bench) -> Any:
    """A connected host with VM 100."""
    host = bench.connect()
    host.api.wait_task(host.api.post("nodes/pve/qemu", vmid=100, name="a", memory=512), timeout=20)
    return host


def test_the_connection_breaks_at_the_nth_action(bench: Bench) -> None:
    host = bench.connect()
    ask(bench, drop_at_action=3)
    for _ in range(2):
        assert host.run(["true"]).status == 0
    with pytest.raises(ConnectionFailed):
        host.run(["true"])
    host.reconnect()
    assert host.run(["true"]).status == 0


def test_an_upload_is_cut_and_the_next_one_passes(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "big.iso"
    source.write_bytes(bytes(3 * MIB))
    host = bench.connect()
    ask(bench, cut_upload_at=MIB)
    with pytest.raises(ConnectionFailed):
        host.upload(source, "/var/lib/vz/template/iso/big.iso")
    assert not bench.fs.exists("/var/lib/vz/template/iso/big.iso")
    host.reconnect()
    host.upload(source, "/var/lib/vz/template/iso/big.iso")
    assert bench.fs.resolve("/var/lib/vz/template/iso/big.iso").size == 3 * MIB


def test_a_full_disk_refuses_a_file_and_leaves_the_old_one(bench: Bench) -> None:
    host = bench.connect()
    before = bench.fs.read("/etc/default/grub")
    ask(bench, disk_free=100)
    with pytest.raises((FileNotWritten, CommandFailed)):
        host.write_file("/etc/default/grub", bytes(4096), expect=before, backup=None)
    assert bench.fs.read("/etc/default/grub") == before


def test_a_slow_link_holds_for_new_connections(bench: Bench) -> None:
    ask(bench, round_trip_ms=60)
    host = bench.connect()
    began = time.monotonic()
    host.run(["true"])
    assert time.monotonic() - began >= 0.12


def test_another_host_key_is_refused(bench: Bench) -> None:
    bench.connect()
    ask(bench, host_key_changed=True)
    with pytest.raises(HostKeyChanged):
        bench.connect()


def test_another_certificate_is_not_trusted(bench: Bench) -> None:
    host = bench.connect()
    host.api.get("version")
    ask(bench, api_certificate_changed=True)
    host.api.close()
    with pytest.raises(TlsNotVerified):
        host.api.get("version")


def test_the_clock_is_wrong(bench: Bench) -> None:
    host = bench.connect()
    ask(bench, clock_offset=86400)
    assert abs(int(host.api.get("nodes/pve/time")["time"]) - time.time() - 86400) < 60


def test_somebody_edits_a_file_meanwhile(bench: Bench) -> None:
    host = bench.connect()
    before = host.read_file("/etc/default/grub").data
    assert before is not None
    ask(bench, edit={"at_action": 1, "path": "/etc/default/grub"})
    with pytest.raises(FileChangedMeanwhile):
        host.write_file("/etc/default/grub", before + b"x", expect=before, backup=None)
    assert bench.fs.text("/etc/default/grub").endswith("# edited by somebody else\n")


def test_somebody_edits_a_vm_meanwhile(bench: Bench) -> None:
    host = make_vm(bench)
    digest = host.api.get("nodes/pve/qemu/100/config")["digest"]
    ask(bench, edit={"at_action": 1, "vmid": 100, "options": {"name": "other"}})
    with pytest.raises(ApiRefused, match="checksum missmatch"):
        host.api.put("nodes/pve/qemu/100/config", vga="none", digest=digest)
    assert host.api.get("nodes/pve/qemu/100/config")["name"] == "other"


@pytest.mark.parametrize(
    ("faults", "said"),
    [({"lock_vm": 100}, r"VM is locked \(backup\)"), ({"hold_vm": 100}, r"can't lock file .* - got timeout")],
)
def test_a_locked_vm_cannot_be_changed(bench: Bench, faults: dict[str, int], said: str) -> None:
    host = make_vm(bench)
    ask(bench, **faults)
    with pytest.raises(ApiRefused, match=said):
        host.api.put("nodes/pve/qemu/100/config", vga="none")


def test_a_task_hangs(bench: Bench) -> None:
    host = make_vm(bench)
    ask(bench, hang_task="qmstart")
    upid = host.api.post("nodes/pve/qemu/100/status/start")
    with pytest.raises((CommandTimeout, TaskFailed)):
        host.api.wait_task(upid, timeout=1)
    assert host.api.get(f"nodes/pve/tasks/{upid}/status")["status"] == "running"


def test_a_reboot_that_does_not_come_back(bench: Bench) -> None:
    host = bench.connect()
    ask(bench, reboot="never")
    host.reboot()
    bench.await_down()
    with pytest.raises(ConnectionFailed):
        host.reconnect(timeout=1)


def test_a_reboot_with_the_old_kernel_line(bench: Bench) -> None:
    host = bench.connect()
    line = host.read_file("/proc/cmdline").data
    bench.fs.put("/boot/grub/grub.cfg", bench.fs.text("/boot/grub/grub.cfg").replace(" quiet", " quiet new=1"))
    ask(bench, reboot="old-cmdline")
    host.reboot()
    bench.await_down()
    bench.await_up()
    host.reconnect()
    assert host.read_file("/proc/cmdline").data == line


def test_the_guest_agent_flaps(bench: Bench) -> None:
    host = make_vm(bench)
    host.api.put("nodes/pve/qemu/100/config", agent="1")
    host.api.wait_task(host.api.post("nodes/pve/qemu/100/status/start"), timeout=20)
    bench.host.machine.guests[100].disk.installed = True
    ask(bench, agent_flaps=20)
    heard = set()
    deadline = time.monotonic() + 10
    while len(heard) < 2 and time.monotonic() < deadline:
        try:
            host.api.post("nodes/pve/qemu/100/agent/ping")
            heard.add("answer")
        except ApiRefused as error:
            heard.add(error.detail)
    assert "answer" in heard
    assert any("QEMU guest agent is not running" in text for text in heard)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"nosuch": 1}, "no fault 'nosuch'"),
        ({"drop_at_action": "2"}, "'2' is no int"),
        ({"reboot": "maybe"}, "'maybe' is none of"),
        ({"edit": {"path": "/x"}}, "at_action"),
        ({"host_key_changed": 1}, "1 is no bool"),
    ],
)
def test_a_fault_that_does_not_exist_is_refused(table: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultError, match=said):
        parse(table)


def test_faults_of_a_file_hold_from_the_beginning() -> None:
    with PracticeHost("n100-pve82", speed=60, faults={"disk_free": 1000}) as access:
        assert access.control_token
    host = PracticeHost("n100-pve82", speed=60, faults={"disk_free": 1000})
    host.start()
    assert host.machine.fs.free == 1000
    host.stop()


def test_the_control_socket_sets_shows_and_ends_faults(bench: Bench) -> None:
    token = bench.access.control_token

    def control(method: str, body: Any = None, secret: str = token) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            bench.access.control, data, {"Authorization": f"Bearer {secret}"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    assert control("GET", secret="x")[0] == 401
    assert control("PUT", {"nosuch": 1})[0] == 400
    status, shown = control("PUT", {"drop_at_action": 1})
    assert (status, shown["faults"]["drop_at_action"], shown["actions"]) == (200, 1, 0)
    with pytest.raises(ConnectionFailed):
        bench.connect().run(["true"])
    assert control("GET")[1]["actions"] >= 1
    assert control("DELETE")[1]["faults"]["drop_at_action"] == 0
