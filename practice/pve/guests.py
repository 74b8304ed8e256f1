"""The VMs and containers that a host has before the practice begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from practice import sysfs, vfio
from practice.pve.drives import bytes_of, volumes
from practice.pve.mapping import addresses
from practice.pve.tasks import Task
from practice.qemu import QemuStart
from practice.schema import ScenarioError
from practice.windows import Disk, Guest

if TYPE_CHECKING:
    from practice.machine import Machine


def install(machine: Machine) -> None:
    """Write their configurations, and remember their disks."""
    folder = f"/etc/pve/nodes/{machine.node}"
    for vmid, text in machine.scenario.get("vms", {}).items():
        machine.fs.put(f"{folder}/qemu-server/{vmid}.conf", text)
        storages = machine.pve.storages
        for _, volid in volumes(machine.pve.vms.file(int(vmid)).main):
            name = volid.partition(":")[0]
            if storages.has(name) and "path" not in storages.get(name):
                storages.volumes[volid] = _size(text, volid)
                storages.before[name] = storages.before.get(name, 0) + storages.volumes[volid]
    for ctid, text in machine.scenario.get("containers", {}).items():
        machine.fs.put(f"{folder}/lxc/{ctid}.conf", text)


def run(machine: Machine) -> None:
    """Those that run already: Windows is in them, and their devices are theirs. Raises `ScenarioError`."""
    for vmid in machine.scenario.get("running_vms", []):
        vms = machine.pve.vms
        if vmid not in vms.ids():
            raise ScenarioError(f"{machine.scenario.name}: running_vms: there is no VM {vmid} in [vms]")
        config = vms.file(vmid).main
        listed = addresses(machine, {key: value for key, value in config.items() if "mdev=" not in value})
        groups = {machine.kernel.groups[address] for address in listed if address in machine.kernel.groups}
        for member in (member for group in groups for member in vfio.members(machine, group)):
            machine.bind(member, vfio.VFIO)
        vms.reservations.keep(vmid, listed)
        vms.pids[vmid] = 20_000 + vmid
        vms.since[vmid] = machine.clock.elapsed()
        machine.fs.put(f"/var/run/qemu-server/{vmid}.pid", f"{vms.pids[vmid]}\n")
        gone = " (deleted)" if vmid in machine.scenario.get("outdated_vms", []) else ""
        machine.fs.link(f"/usr/bin/qemu-system-x86_64{gone}", f"/proc/{vms.pids[vmid]}/exe")
        machine.guests[vmid] = Guest(machine, dict(config), QemuStart(groups=groups), Disk(installed=True))
        sysfs.mount_pci(machine)


def start_on_boot(machine: Machine) -> None:
    """pve-guests starts what has `onboot: 1`."""
    vms = machine.pve.vms
    for vmid in vms.ids():
        if vms.file(vmid).main.get("onboot") == "1":

            async def work(task: Task, vmid: int = vmid) -> None:
                await vms.start(vmid, task)

            machine.pve.tasks.start("qmstart", str(vmid), "root@pam", work)


def _size(text: str, volid: str) -> int:
    """As its line says; an EFI disk of 4 MiB where it says nothing."""
    shown = re.search(rf"{re.escape(volid)}\b.*?\bsize=(\d+[KMGT]?)", text)
    return bytes_of(shown[1]) if shown else 4 << 20
