"""Snapshots and the size of disks."""

from __future__ import annotations

from typing import Any

from practice.api.calls_storage import begin
from practice.api.routes import Call, route
from practice.pve import snapshots
from practice.pve.drives import bytes_of, ordered, volumes
from practice.pve.errors import died, invalid
from practice.pve.schema import properties
from practice.pve.storage import size_text
from practice.pve.tasks import Task

AREA = "/vms/{vmid}"
BASE = "/nodes/{node}/qemu/{vmid}"


@route("GET", f"{BASE}/snapshot", needs=(AREA, "VM.Audit"))
async def listed(call: Call) -> Any:
    return snapshots.rows(call.pve.vms, call.vmid)


@route(
    "POST",
    f"{BASE}/snapshot",
    needs=(AREA, "VM.Snapshot"),
)
async def create(call: Call) -> Any:
    vmid, name = call.vmid, str(call.values["snapname"])
    if name in snapshots.RESERVED:
        raise died(f"unable to use snapshot name '{name}' (reserved name)")
    if call.flag("vmstate") and call.pve.vms.running(vmid):
        raise died("practice host: not supported: a snapshot with the memory of a running VM")

    async def work(task: Task) -> None:
        await call.pve.vms.locked(vmid)
        snapshots.create(call.pve.vms, vmid, name, str(call.values.get("description", "")), task)

    return await begin(call, "qmsnapshot", str(vmid), work)


@route("GET", f"{BASE}/snapshot/{{snapname}}", needs=(AREA, "VM.Audit"))
async def index(call: Call) -> Any:
    return [{"cmd": "config"}, {"cmd": "rollback"}]


@route("GET", f"{BASE}/snapshot/{{snapname}}/config", needs=(AREA, "VM.Snapshot|VM.Snapshot.Rollback|VM.Audit"))
async def config(call: Call) -> Any:
    return call.pve.vms.typed(snapshots.section(call.pve.vms, call.vmid, call.places["snapname"]))


@route("PUT", f"{BASE}/snapshot/{{snapname}}/config", needs=(AREA, "VM.Snapshot"))
async def describe(call: Call) -> Any:
    vms, vmid = call.pve.vms, call.vmid
    snapshots.section(vms, vmid, call.places["snapname"])
    file = vms.file(vmid)
    if "description" in call.values:
        file.snapshots[call.places["snapname"]]["description"] = str(call.values["description"])
        vms.save(vmid, file)


@route(
    "POST",
    f"{BASE}/snapshot/{{snapname}}/rollback",
    needs=(AREA, "VM.Snapshot|VM.Snapshot.Rollback"),
)
async def rollback(call: Call) -> Any:
    vmid, name = call.vmid, call.places["snapname"]

    async def work(task: Task) -> None:
        await call.pve.vms.locked(vmid)
        await snapshots.rollback(call.pve.vms, vmid, name, task)
        if call.flag("start"):
            await call.pve.vms.start(vmid, task)

    return await begin(call, "qmrollback", str(vmid), work)


@route("DELETE", f"{BASE}/snapshot/{{snapname}}", needs=(AREA, "VM.Snapshot"))
async def delete(call: Call) -> Any:
    vmid, name = call.vmid, call.places["snapname"]

    async def work(task: Task) -> None:
        await call.pve.vms.locked(vmid)
        snapshots.delete(call.pve.vms, vmid, name, task)

    return await begin(call, "qmdelsnapshot", str(vmid), work)


@route(
    "PUT",
    f"{BASE}/resize",
    needs=(AREA, "VM.Config.Disk"),
)
async def resize(call: Call) -> Any:
    """A task since 8.0; until 7.4 it answers when it is done (schemas of both)."""
    vmid = call.vmid
    if call.flag("skiplock") and not call.caller.is_root:
        raise invalid(skiplock="Only root may use this option.")

    async def work(task: Task) -> None:
        await call.pve.vms.locked(vmid)
        _resize(call, vmid, task)

    if call.pve.release < (8,):
        await work(Task("", "", "", "", 0, 0, 0))
        return None
    call.pve.vms.text(vmid)
    return await begin(call, "resize", str(vmid), work)


def _resize(call: Call, vmid: int, task: Task) -> None:
    vms, key, wanted = call.pve.vms, str(call.values["disk"]), str(call.values["size"])
    file = vms.file(vmid)
    vms.check_digest(vmid, str(call.values.get("digest", "")))
    vms.unlocked(file.main, call.flag("skiplock"))
    if key not in file.main:
        raise died(f"disk '{key}' does not exist")
    volid = dict(volumes(file.main)).get(key)
    if volid is None:
        raise died("you can't resize a cdrom")
    options = properties(file.main[key], "file")
    before = bytes_of(options.pop("size", "0"))
    after = bytes_of(wanted.removeprefix("+")) + (before if wanted.startswith("+") else 0)
    if after < before:
        raise died("shrinking disks is not supported")
    if after == before:
        return
    task.log(*vms.storages.resize(volid, after))
    rest = ",".join(f"{name}={value}" for name, value in options.items() if name != "file")
    file.main[key] = ordered(volid, rest, size_text(after))
    vms.save(vmid, file)
