"""What a VM waits for, or fails at, between its preparation and kvm."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from practice.pve import schema, showcmd
from practice.pve.errors import died
from practice.pve.tasks import Task

if TYPE_CHECKING:
    from practice.machine import Machine


def bridges(machine: Machine, version: tuple[int, ...], vmid: int, config: dict[str, str], task: Task) -> None:
    """A bridge that is not there: qemu-server sees it from 9 on, before that kvm's script (pve-behaviour.md 5, 6)."""
    for key, value in config.items():
        bridge = schema.properties(value, "model").get("bridge")
        if key.startswith("net") and bridge and not machine.fs.exists(f"/sys/class/net/{bridge}"):
            if version >= (9,):
                raise died(f"bridge '{bridge}' does not exist")
            scripts = showcmd.scripts(version)
            tap = f"type=tap,id={key},ifname=tap{vmid}i{key[3:]},{scripts}"
            reason = f"network script {scripts.split(',')[0].partition('=')[2]} failed with status 512"
            task.log(f"bridge '{bridge}' does not exist", f"kvm: -netdev {tap}: {reason}")
            raise died("start failed: QEMU exited with code 1")


async def pin_memory(machine: Machine, config: dict[str, str], command: list[str]) -> None:
    """With a host device all memory is pinned before kvm answers; qemu-server waits for it so long and no longer
    (facts: pve.md 1.6)."""
    memory = int(schema.properties(config.get("memory", "512"), "current")["current"]) / 1024
    assigned = any(key.startswith("hostpci") for key in config)
    most = max(30.0, memory if memory > 30 else 0) * (4 if assigned else 1)
    takes = memory * float(machine.scenario.get("hardware.pin_seconds_per_gib", 0)) if assigned else 0
    await machine.clock.sleep(min(2 + takes, most))
    if 2 + takes > most:
        raise died(f"start failed: command '{shlex.join(command)}' failed: got timeout")
