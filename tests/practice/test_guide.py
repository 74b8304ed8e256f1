"""The whole guide on the practice host: forward, again, and back."""

from __future__ import annotations

import pytest

from guide.errors import FindingForbids, PlanChanged, UndoConflict
from guide.state import StepState
from tests.practice.conftest import Bench

GRUB_LINE = 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on initcall_blacklist=sysfb_init"'
GUIDE_ARGS = "-set device.hostpci0.addr=02.0 -set device.hostpci0.x-igd-gms=0x2 -set device.hostpci0.x-igd-opregion=on"


def vm_lines(bench: Bench) -> dict[str, str]:
    text = bench.fs.text("/etc/pve/qemu-server/100.conf")
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def test_ends_with_exactly_what_the_guide_ends_with(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session)
    assert set(session.states.values()) == {StepState.DONE}
    assert GRUB_LINE in bench.fs.text("/etc/default/grub").splitlines()
    assert "options vfio-pci ids=8086:46d1,8086:54c8" in bench.fs.text("/etc/modprobe.d/vfio.conf").splitlines()
    assert bench.fs.read("/usr/share/kvm/n100.rom") == (bench.access.answers.parent / "n100.rom").read_bytes()
    lines = vm_lines(bench)
    assert lines["vga"] == "none"
    assert lines["hostpci0"] == "0000:00:02.0,legacy-igd=1,romfile=n100.rom"
    assert lines["hostpci1"] == "0000:00:1f.3"
    assert lines["args"] == GUIDE_ARGS
    assert bench.host.machine.guests[100]._start.picture


def test_a_second_run_changes_nothing(bench: Bench) -> None:
    bench.walk(bench.session())
    before, journal = bench.tree(), len(bench.session().journal.standing())
    again = bench.session()
    bench.walk(again)
    assert bench.tree() == before
    assert len(again.journal.standing()) == journal
    assert set(again.states.values()) == {StepState.DONE}


def test_undo_puts_everything_back_byte_for_byte(bench: Bench) -> None:
    before = bench.tree()
    bench.walk(bench.session())
    session = bench.session()
    session.survey()
    session.undo()
    assert bench.tree() == before
    assert session.undo_items() == ()
    assert bench.host.machine.pve.vms.ids() == []
    assert bench.host.machine.pve.storages.volumes == {}


def test_undo_of_chapter_4_puts_the_vm_back_byte_for_byte(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="remote")
    before = bench.tree()
    bench.walk(session)
    session.undo("devices")
    after = bench.tree()
    assert after == before
    assert session.states["remote"] is StepState.DONE
    assert not session.states["configure"].is_settled


def test_undo_then_restart_gives_the_old_kernel_line_back(bench: Bench) -> None:
    old = bench.host.machine.kernel.cmdline
    session = bench.session()
    bench.walk(session, until="reboot")
    assert bench.host.machine.kernel.cmdline != old
    session.undo()
    machine = bench.host.machine

    async def restart() -> None:
        machine.boot()

    bench.host.call(restart())
    assert machine.kernel.cmdline == old
    assert machine.kernel.drivers["0000:00:02.0"] == "i915"


def test_undo_refuses_where_our_line_was_changed_since(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="cmdline")
    foreign = bench.fs.text("/etc/default/grub").replace("sysfb_init", "sysfb_init,other")
    bench.fs.write("/etc/default/grub", foreign)
    with pytest.raises(UndoConflict):
        session.undo()
    assert bench.fs.text("/etc/default/grub") == foreign


def test_undo_keeps_foreign_changes_of_other_lines(bench: Bench) -> None:
    session = bench.session()
    original = bench.fs.text("/etc/default/grub")
    bench.walk(session, until="cmdline")
    changed = bench.fs.text("/etc/default/grub").replace("GRUB_TIMEOUT=5", "GRUB_TIMEOUT=9")
    bench.fs.write("/etc/default/grub", changed)
    session.undo()
    assert bench.fs.text("/etc/default/grub") == original.replace("GRUB_TIMEOUT=5", "GRUB_TIMEOUT=9")


def test_an_approved_plan_is_refused_when_the_host_changed(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="check")
    digest = session.plan("cmdline").digest
    text = bench.fs.text("/etc/default/grub").replace('"quiet"', '"quiet splash"')
    bench.fs.write("/etc/default/grub", text)
    with pytest.raises(PlanChanged):
        session.run("cmdline", digest)
    assert bench.fs.text("/etc/default/grub") == text


@pytest.mark.parametrize(
    ("scenario", "finding"),
    [
        ("n100-pve84", "qemu-refuses-chip"),
        ("i7-8700-audio-shares-nic", "audio-takes-network"),
        ("amd-no-intel-igpu", "no-intel-graphics"),
        ("vtd-off", "vtd-off"),
    ],
)
def test_a_forbidding_finding_leaves_the_host_untouched(bench: Bench, finding: str) -> None:
    before = bench.tree()
    session = bench.session()
    with pytest.raises(FindingForbids) as caught:
        bench.walk(session)
    assert caught.value.params["finding"] == finding
    assert bench.tree() == before
    assert not bench.fs.exists("/var/lib/pve-igpu")


@pytest.mark.parametrize("scenario", ["n100-pve91"])
def test_qemu_10_1_gets_x_igd_lpc(bench: Bench) -> None:
    bench.walk(bench.session())
    assert vm_lines(bench)["args"] == "-set device.hostpci0.x-igd-lpc=on"
    assert bench.host.machine.guests[100]._start.picture


@pytest.mark.parametrize("scenario", ["n5105-zfs-systemd-boot"])
def test_systemd_boot_hosts_are_edited_where_they_boot_from(bench: Bench) -> None:
    grub = bench.fs.text("/etc/default/grub")
    session = bench.session()
    bench.walk(session)
    assert bench.fs.text("/etc/default/grub") == grub
    line = bench.fs.text("/etc/kernel/cmdline").strip()
    assert line.endswith("intel_idle.max_cstate=1 intel_iommu=on initcall_blacklist=sysfb_init")
    assert bench.host.machine.kernel.cmdline.endswith(line)


@pytest.mark.parametrize("scenario", ["i7-8700-audio-shares-nic"])
def test_without_sound_the_i7_host_goes_to_the_end(bench: Bench) -> None:
    from dataclasses import replace

    session = bench.session(replace(bench.choices, pass_audio=False))
    bench.walk(session)
    assert "hostpci1" not in vm_lines(bench)
    assert bench.host.machine.kernel.drivers["0000:00:1f.6"] == "e1000e"
