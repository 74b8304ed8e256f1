"""The guide on the host: looked at, done, done again, put back."""

from __future__ import annotations

import pytest

from tests.debian.suite import record
from tests.debian.suite.bench import Bench
from tests.debian.tier import AUDIO, IGPU, State

CHANGING = ("cmdline", "vfio", "reboot", "media", "create", "rom", "configure")
"""The steps that change the host or the VM's configuration."""


def driver(bench: Bench, address: str) -> str:
    return bench.host.run(f"readlink /sys/bus/pci/devices/{address}/driver").out.strip().rpartition("/")[2]


def look(bench: Bench) -> None:
    """The survey, as it must be the same on every tier."""
    view = bench.session().survey()
    bench.see("facts", record.facts(view.facts))
    bench.see("findings", record.findings(view.findings))


@pytest.mark.parametrize("state", ["grub", "secure-boot", "systemd-boot"])
def test_survey(bench: Bench, state: State) -> None:
    before = bench.host.tree()
    look(bench)
    bench.compare(f"survey-{state}")
    assert bench.host.tree() == before
    assert bench.host.run("ls /var/lib/pve-igpu").rc != 0


@pytest.mark.parametrize("state", ["secure-boot", "systemd-boot"])
def test_the_boot_loader_in_use_gets_the_arguments(bench: Bench, state: State) -> None:
    before = bench.host.tree()
    session = bench.session()
    bench.walk(session, "reboot", "steps")
    look(bench)
    session = bench.session()
    session.survey()
    session.undo()
    bench.see("journal", record.journal(session.journal))
    bench.host.reboot()
    assert bench.host.tree() == before
    bench.compare(f"boot-{state}")


def test_forward_again_and_back(bench: Bench) -> None:
    """Until the VM has its devices, ROM and args and qemu-server accepts them; a second run; undo; restart."""
    before = bench.host.tree()
    drivers = driver(bench, IGPU), driver(bench, AUDIO)
    line = bench.host.read("/proc/cmdline")

    session = bench.session()
    bench.walk(session, "configure", "steps")
    look(bench)
    assert (driver(bench, IGPU), driver(bench, AUDIO)) == ("vfio-pci", "vfio-pci")
    shown = bench.host.run("qm showcmd 100 --pretty")
    bench.see("showcmd", [shown.rc, shown.out.splitlines()])
    bench.see("config", bench.host.run("qm config 100").out.splitlines())

    again = bench.session()
    again.survey()
    open_steps = [step for step, state in again.states.items() if not state.is_settled]
    assert open_steps == ["driver", "done"]
    assert [step for step in CHANGING if again.plan(step).changes] == []

    last = bench.session()
    last.survey()
    last.undo()
    bench.see("journal", record.journal(last.journal))
    assert last.undo_items() == ()
    bench.host.reboot()
    assert bench.host.tree() == before
    assert (driver(bench, IGPU), driver(bench, AUDIO)) == drivers == ("i915", "snd_hda_intel")
    assert bench.host.read("/proc/cmdline") == line
    bench.compare("forward-again-and-back")
