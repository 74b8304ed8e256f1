"""What only a real boot, a real IOMMU and a real QEMU can show."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from guide.changes.reboot import Reboot
from guide.chapters import host as chapter
from guide.errors import HostNotBack
from guide.facts.model import Facts
from guide.state import StepState
from tests.debian.suite.bench import Bench
from tests.debian.tier import AUDIO, IGPU
from tests.debian.vm.rom import SAYS, with_legacy_image

OURS, THEIRS = ("vfio-pci", "vfio-pci"), ("i915", "snd_hda_intel")
IDS_ALONE = "options vfio-pci ids=8086:46d1,8086:54c8\n"
"""The guide's own vfio.conf."""

LPC = "0000:00:1f.0"
"""8086:2918 shares its group with the audio function; PVE hands it over with it."""

KVM = "timeout 60 kvm -accel tcg -M pc -nodefaults -display none -device vfio-pci,host="


@pytest.fixture
def needs() -> tuple[str, ...]:
    return ("boot", "vfio")


def drivers(facts: Facts) -> tuple[str | None, ...]:
    found = (facts.device(address) for address in (IGPU, AUDIO))
    return tuple(device.driver if device else "?" for device in found)


def firmware_says(bench: Bench, wanted: str) -> str:
    """SeaBIOS' log, once it says that."""
    until = time.monotonic() + 180
    while True:
        text = bench.host.run("cat /var/log/pve-stand-ins/firmware-100.log").out
        if wanted in text:
            return text
        assert time.monotonic() < until, text
        time.sleep(0.5)


def test_the_whole_guide_until_the_vm_runs_with_the_chip_and_back(bench: Bench) -> None:
    rom = Path(bench.choices.rom)
    rom.write_bytes(with_legacy_image(rom.read_bytes()))
    before, line = bench.host.tree(), bench.host.read("/proc/cmdline")
    assert "no iommu_group found" in bench.host.run(KVM + IGPU).err

    session = bench.session()
    assert drivers(session.survey().facts) == THEIRS
    bench.walk(session, "done")
    assert set(session.states.values()) <= {StepState.DONE, StepState.SKIPPED}
    assert drivers(session.survey().facts) == OURS
    assert "initcall sysfb_init blacklisted" in bench.host.run("dmesg").out

    text = firmware_says(bench, SAYS)
    for effect in (
        "PCI: init bdf=00:02.0 id=8086:46d1",
        "id=8086:54c8",
        "Intel IGD OpRegion enabled",
        "Using 00:02.0 for primary VGA",
    ):
        assert effect in text

    refusals(bench)

    last = bench.session()
    last.survey()
    last.undo()
    bench.host.reboot()
    assert bench.host.tree() == before
    assert bench.host.read("/proc/cmdline") == line
    assert drivers(bench.session().survey().facts) == THEIRS


def refusals(bench: Bench) -> None:
    """What QEMU itself says to a missing ROM and to a group that is not viable; and PVE's own way out of the second."""
    host, rom = bench.host, f"/usr/share/kvm/{Path(bench.choices.rom).name}"
    assert host.run("qm stop 100").rc == 0
    host.run(f"mv {rom} {rom}.away")
    refused = host.run("qm start 100")
    assert refused.rc != 0
    assert "failed to find romfile" in refused.out + refused.err
    assert "start failed: QEMU exited with code 1" in refused.out + refused.err
    host.run(f"mv {rom}.away {rom}")

    taken = (
        f"cd /sys/bus/pci/devices/{LPC} && echo > driver_override && echo {LPC} > driver/unbind && "
        "echo 8086 2918 > /sys/bus/pci/drivers/i915/new_id"
    )
    assert host.run(taken).rc == 0
    not_viable = host.run(KVM + AUDIO)
    assert "is not viable" in not_viable.err
    assert "Please ensure all devices within the iommu_group are bound to their vfio bus driver." in not_viable.err
    assert host.run("qm start 100", timeout=240).rc == 0


def test_ids_alone_do_not_bind_also_where_the_iommu_is_on_by_default(bench: Bench) -> None:
    """What the application adds to the guide's vfio.conf does."""
    host = bench.host
    host.write("/etc/modprobe.d/vfio.conf", IDS_ALONE.encode())
    assert host.run("sed -i 's/ intel_iommu=off//' /etc/default/grub.d/test-host.cfg && update-grub").rc == 0
    host.reboot()
    session = bench.session()
    facts = session.survey().facts
    assert drivers(facts) == THEIRS
    assert facts.iommu_enabled
    assert {device.iommu_group is not None for device in facts.pci} == {True}
    assert not set(chapter.REQUIRED) & set(facts.running_arguments)

    bench.walk(session, "reboot")
    facts = session.survey().facts
    assert drivers(facts) == OURS
    assert facts.file_text("/etc/modprobe.d/vfio.conf") == IDS_ALONE + (
        "# pve-igpu: vfio-pci must be loaded before the drivers that would take the devices\n"
        "softdep i915 pre: vfio-pci\nsoftdep snd_hda_intel pre: vfio-pci\n"
    )
    assert set(chapter.REQUIRED) <= set(facts.running_arguments)


def test_a_boot_that_fails_is_noticed_and_after_recovery_by_hand_it_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chapter, "Reboot", partial(Reboot, patience=90))
    session = bench.session()
    bench.walk(session, "vfio")
    bench.host.spoil_boot("root=LABEL=nowhere")
    with pytest.raises(HostNotBack):
        session.run("reboot", session.plan("reboot").digest)
    assert bench.failures() == [HostNotBack.code]
    assert session.states["reboot"] is StepState.FAILED

    bench.host.console_fix()
    again = bench.session()
    bench.walk(again, "reboot")
    assert again.states["reboot"] is StepState.DONE
    assert drivers(again.survey().facts) == OURS
