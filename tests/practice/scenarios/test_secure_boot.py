"""pre-enrolled-keys=1: OVMF runs no unsigned ROM, so the monitor stays dark."""

from __future__ import annotations

import asyncio

import pytest

from practice.clock import Clock
from practice.machine import Machine
from practice.pve.service import Pve
from practice.rom import build_rom
from practice.scenario import load_scenario
from practice.sshd import run_on


async def _has_picture(keys: int) -> bool:
    machine = Machine(load_scenario("n100-vm-with-secure-boot"), Clock(200))
    machine.pve = Pve(machine)
    await machine.install()
    machine.fs.put("/usr/share/kvm/n100.rom", build_rom(0x46D1, "A", "21.0.1056", [0x46D0, 0x46D1]))
    file = machine.pve.vms.path(101)
    machine.fs.put(file, machine.fs.text(file).replace("pre-enrolled-keys=1", f"pre-enrolled-keys={keys}"))
    try:
        assert (await run_on(machine, "qm start 101"))[0] == 0
        return machine.guests[101]._start.picture
    finally:
        machine.close()


@pytest.mark.parametrize(("keys", "picture"), [(0, True), (1, False)])
def test_an_unsigned_rom_is_not_run(keys: int, picture: bool) -> None:
    assert asyncio.run(_has_picture(keys)) is picture
