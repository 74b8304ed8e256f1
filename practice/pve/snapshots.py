"""Snapshots of a VM: sections of its configuration file and volumes of its storages (recorded: PVE 8.2.4)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from practice.pve import vmconfig
from practice.pve.drives import volumes
from practice.pve.errors import died
from practice.pve.tasks import Task

if TYPE_CHECKING:
    from practice.pve.vms import Vms

NOT_COPIED = re.compile(r"unused\d+|lock|description|snaptime|snapstate|vmstate|parent")
CURRENT = "current"
RESERVED = (CURRENT, "pending")


def rows(vms: Vms, vmid: int) -> list[dict[str, Any]]:
    """GET snapshot: every one, and the state that the VM is in now."""
    file = vms.file(vmid)
    found: list[dict[str, Any]] = []
    for name, section in file.snapshots.items():
        row = {"name": name, "description": section.get("description", ""), "vmstate": 0}
        row["snaptime"] = int(section.get("snaptime", "0"))
        found.append({**row, **({"parent": section["parent"]} if "parent" in section else {})})
    now = {"name": CURRENT, "description": "You are here!", "running": int(vms.running(vmid))}
    parent = {"parent": file.main["parent"]} if "parent" in file.main else {}
    return [*found, {**now, **parent, "digest": vmconfig.digest(vms.text(vmid))}]


def section(vms: Vms, vmid: int, name: str) -> vmconfig.Section:
    """Raises 500 for a snapshot that does not exist."""
    found = vms.file(vmid).snapshots
    if name not in found:
        raise died(f"snapshot '{name}' does not exist")
    return found[name]


def create(vms: Vms, vmid: int, name: str, description: str, task: Task) -> None:
    """Inside the task qmsnapshot."""
    file = vms.file(vmid)
    vms.unlocked(file.main)
    if name in file.snapshots:
        raise died(f"snapshot name '{name}' already used")
    disks = volumes(file.main)
    if not all(vms.storages.snapshots(volid) for _, volid in disks):
        raise died("snapshot feature is not available")
    for key, volid in disks:
        task.log(f"snapshotting 'drive-{key}' ({volid})", *vms.storages.snapshot(volid, name))
    made = {key: value for key, value in file.main.items() if not NOT_COPIED.fullmatch(key)}
    made["snaptime"] = str(int(vms.machine.clock.now()))
    if description:
        made["description"] = description
    if "parent" in file.main:
        made["parent"] = file.main["parent"]
    file.snapshots[name] = made
    file.main["parent"] = name
    vms.save(vmid, file)


async def rollback(vms: Vms, vmid: int, name: str, task: Task) -> None:
    """Inside the task qmrollback: disks and options of the snapshot; description and unused disks stay."""
    file = vms.file(vmid)
    found = section(vms, vmid, name)
    vms.unlocked(file.main)
    for _, volid in volumes(found):
        vms.storages.latest(volid, name)
    if vms.running(vmid):
        await vms.stop(vmid)
    for _, volid in volumes(found):
        task.log(*vms.storages.rollback(volid))
    kept = {key: value for key, value in file.main.items() if re.fullmatch(r"unused\d+|description", key)}
    file.main = {**{key: value for key, value in found.items() if not NOT_COPIED.fullmatch(key)}, **kept}
    if "vmgenid" in file.main:
        # The guest is told that it was put back.
        file.main["vmgenid"] = str(uuid.uuid4())
    file.main["parent"] = name
    file.pending = {}
    vms.save(vmid, file)


def delete(vms: Vms, vmid: int, name: str, task: Task) -> None:
    """Inside the task qmdelsnapshot; those that came from it come from its parent now."""
    file = vms.file(vmid)
    found = section(vms, vmid, name)
    vms.unlocked(file.main)
    for _, volid in volumes(found):
        task.log(*vms.storages.drop_snapshot(volid, name))
    del file.snapshots[name]
    for other in (file.main, *file.snapshots.values()):
        if other.get("parent") == name:
            other.pop("parent")
            other.update({"parent": found["parent"]} if "parent" in found else {})
    vms.save(vmid, file)


def tree(vms: Vms, vmid: int) -> list[str]:
    """`qm listsnapshot`: children below their parents, oldest first."""
    by_parent: dict[str, list[dict[str, Any]]] = {}
    for row in rows(vms, vmid):
        by_parent.setdefault(row.get("parent", ""), []).append(row)
    lines: list[str] = []

    def show(parent: str, depth: int) -> None:
        for row in sorted(by_parent.get(parent, []), key=lambda row: row.get("snaptime", float("inf"))):
            when = vms.machine.clock.text(row["snaptime"]) if "snaptime" in row else ""
            first = row["description"].split("\n")[0] or "no-description"
            lines.append(f"{' ' * depth}`-> {row['name']:<{27 - depth}} {when:<23} {first}".rstrip())
            if row["name"] != CURRENT:
                show(row["name"], depth + 1)

    show("", 0)
    return lines
