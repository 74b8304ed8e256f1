"""What the lists and status calls say of a VM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from practice.pve import schema
from practice.pve.drives import DISK, bytes_of

if TYPE_CHECKING:
    from practice.pve.vms import Vms

BLOCK_COUNTERS = [
    "failed_flush_operations",
    "failed_rd_operations",
    "failed_unmap_operations",
    "failed_wr_operations",
    "flush_operations",
    "flush_total_time_ns",
    "invalid_flush_operations",
    "invalid_rd_operations",
    "invalid_unmap_operations",
    "invalid_wr_operations",
    "rd_bytes",
    "rd_merged",
    "rd_operations",
    "rd_total_time_ns",
    "unmap_bytes",
    "unmap_merged",
    "unmap_operations",
    "unmap_total_time_ns",
    "wr_bytes",
    "wr_highest_offset",
    "wr_merged",
    "wr_operations",
    "wr_total_time_ns",
]
"""QEMU's counters of one drive (recorded: PVE 8.2.4)."""


def row(vms: Vms, vmid: int) -> dict[str, Any]:
    """The VM's row in GET qemu; 8.4 has no disk counters of a stopped VM, 9 has memhost
    (facts: pve-behaviour.md section 6)."""
    values = vms.file(vmid).main
    running = vms.running(vmid)
    found: dict[str, Any] = {
        "vmid": vmid,
        "name": values.get("name", f"VM {vmid}"),
        "status": "running" if running else "stopped",
        "cpus": int(values.get("cores", "1")) * int(values.get("sockets", "1")),
        "maxmem": int(schema.properties(values.get("memory", "512"), "current")["current"]) << 20,
        "maxdisk": _boot_disk(values),
        **dict.fromkeys(("cpu", "mem", "disk", "uptime", "netin", "netout"), 0),
    }
    if running or vms.version < (8, 4):
        found.update(diskread=0, diskwrite=0)
    if vms.version >= (9,):
        found["memhost"] = 0
    for key in ("tags", "lock"):
        if key in values:
            found[key] = values[key]
    if running:
        found["uptime"] = int(vms.machine.clock.elapsed() - vms.since[vmid])
        found["pid"] = vms.pids[vmid]
    return found


def current(vms: Vms, vmid: int) -> dict[str, Any]:
    """GET status/current: the row and what only the running VM or the configuration tells."""
    values, found = vms.file(vmid).main, row(vms, vmid)
    found.update(qmpstatus=found["status"], ha={"managed": 0})
    if values.get("agent", "").startswith(("1", "enabled=1")):
        found["agent"] = 1
    if not vms.running(vmid):
        found["clipboard"] = None
        return found
    found["running-qemu"] = vms.machine.guests[vmid].qemu
    found["running-machine"] = f"{values.get('machine', 'pc')}+pve0"
    found["proxmox-support"] = {}
    drives = [key for key in values if DISK.fullmatch(key) and not key.startswith("unused")]
    counters: dict[str, Any] = {**dict.fromkeys(BLOCK_COUNTERS, 0), "timed_stats": []}
    counters |= {"account_failed": True, "account_invalid": True}
    found["blockstat"] = {key: dict(counters) for key in drives}
    cards = [key[3:] for key in values if key.startswith("net")]
    found["nics"] = {f"tap{vmid}i{number}": {"netin": 0, "netout": 0} for number in cards}
    return found


def _boot_disk(values: dict[str, str]) -> int:
    """The size of the first disk of the boot order, else 0."""
    order = schema.properties(values.get("boot", ""), "legacy").get("order", "")
    for key in order.split(";"):
        if DISK.fullmatch(key) and "media=cdrom" not in values.get(key, "media=cdrom"):
            return bytes_of(schema.properties(values[key], "file").get("size", "0"))
    return 0
