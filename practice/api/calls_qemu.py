"""/nodes/{node}/qemu."""

from __future__ import annotations

from typing import Any

from practice.api.calls_storage import begin
from practice.api.routes import Call, route
from practice.pve import schema, snapshots
from practice.pve.errors import PveError, died, invalid
from practice.pve.tasks import Task

AREA = "/vms/{vmid}"
READ, POWER = (AREA, "VM.Audit"), (AREA, "VM.PowerMgmt")
CHANGE = (
    AREA,
    "VM.Config.Disk|VM.Config.CDROM|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.HWType|"
    "VM.Config.Options|VM.Config.Cloudinit",
)
BASE = "/nodes/{node}/qemu/{vmid}"


@route("GET", "/nodes/{node}/qemu")
async def machines(call: Call) -> Any:
    vms = call.pve.vms
    rows = [vms.status(vmid) for vmid in vms.ids() if call.caller.may(f"/vms/{vmid}", "VM.Audit")]
    return [{**row, "qmpstatus": row["status"]} if call.flag("full") else row for row in rows]


@route("POST", "/nodes/{node}/qemu", checks=False)
async def create(call: Call) -> Any:
    values: dict[str, Any] = dict(call.values)
    number = str(values.pop("vmid", ""))
    if not number.isdigit() or not 100 <= int(number) <= 999_999_999:
        format_text = "invalid format - value does not look like a valid VM ID\n"
        type_text = f"type check ('integer') failed - got '{number}'"
        raise invalid(vmid=schema.MISSING if not number else format_text if number.isdigit() else type_text)
    start_after = str(values.pop("start", "0")) == "1"
    for key in ("storage", "pool", "unique", "force", "archive", "live-restore", "bwlimit", "import-working-storage"):
        if key in values:
            raise died(f"practice host: not supported: create with {key}")
    if not call.caller.may(f"/vms/{number}", "VM.Allocate"):
        raise PveError(403, "Permission check failed")
    call.pve.vms.check_new(int(number), values, call.caller)
    options = {key: str(value) for key, value in values.items()}

    async def work(task: Task) -> None:
        await call.pve.vms.create(int(number), options, call.caller, task)
        if start_after:
            await call.pve.vms.start(int(number), task)

    return await begin(call, "qmcreate", number, work)


@route("GET", f"{BASE}/config", needs=READ)
async def config(call: Call) -> Any:
    name = str(call.values.get("snapshot", ""))
    if name and call.flag("current"):
        raise invalid(snapshot="cannot use 'snapshot' parameter with 'current'")
    if name:
        return call.pve.vms.typed(snapshots.section(call.pve.vms, call.vmid, name))
    return call.pve.vms.config(call.vmid, call.flag("current"))


@route("PUT", f"{BASE}/config", needs=CHANGE, checks=False)
async def update(call: Call) -> Any:
    await call.pve.vms.locked(call.vmid)
    call.pve.vms.update(call.vmid, call.values, call.caller, call.complain)


@route("POST", f"{BASE}/config", needs=CHANGE, checks=False)
async def update_later(call: Call) -> Any:
    async def work(task: Task) -> None:
        await call.pve.vms.locked(call.vmid)
        call.pve.vms.update(call.vmid, call.values, call.caller)
        task.log(f"update VM {call.vmid}: {shown}")

    hidden = ("digest", "skiplock", "background_delay", "delete")
    shown = " ".join(f"-{key} {value}" for key, value in sorted(call.values.items()) if key not in hidden)
    call.pve.vms.check_digest(call.vmid, str(call.values.get("digest", "")))
    return await begin(call, "qmconfig", str(call.vmid), work)


@route("GET", f"{BASE}/pending", needs=READ)
async def pending(call: Call) -> Any:
    return call.pve.vms.pending(call.vmid)


@route("GET", f"{BASE}/status/current", needs=READ)
async def current(call: Call) -> Any:
    return call.pve.vms.current(call.vmid)


@route("POST", f"{BASE}/status/start", needs=POWER)
async def start(call: Call) -> Any:
    """Answers 200 with a UPID for every VM; what is wrong is in the task (facts: pve-behaviour.md section 5)."""
    vmid = call.vmid

    async def work(task: Task) -> None:
        await call.pve.vms.locked(vmid)
        await call.pve.vms.start(vmid, task)

    return await begin(call, "qmstart", str(vmid), work)


@route(
    "POST",
    f"{BASE}/status/stop",
    needs=POWER,
)
async def stop(call: Call) -> Any:
    vmid = call.vmid

    async def work(task: Task) -> None:
        call.pve.vms.text(vmid)
        await call.pve.vms.stop(vmid, task)

    return await begin(call, "qmstop", str(vmid), work)


@route(
    "POST",
    f"{BASE}/status/shutdown",
    needs=POWER,
)
async def shutdown(call: Call) -> Any:
    vmid = call.vmid
    force = str(call.values.get("forceStop", "0")) in ("1", "true")

    async def work(task: Task) -> None:
        call.pve.vms.text(vmid)
        await call.pve.vms.shutdown(vmid, float(call.values.get("timeout", 180)), force, task)

    return await begin(call, "qmshutdown", str(vmid), work)


@route("POST", f"{BASE}/status/reboot", needs=POWER)
async def reboot(call: Call) -> Any:
    vmid = call.vmid
    call.pve.vms.text(vmid)
    if not call.pve.vms.running(vmid):
        raise died(f"VM {vmid} not running")

    async def work(task: Task) -> None:
        await call.pve.vms.shutdown(vmid, float(call.values.get("timeout", 180)), False, task)
        await call.pve.vms.start(vmid, task)

    return await begin(call, "qmreboot", str(vmid), work)


@route("DELETE", BASE, needs=(AREA, "VM.Allocate"))
async def destroy(call: Call) -> Any:
    vmid = call.vmid
    call.pve.vms.text(vmid)
    if call.pve.vms.running(vmid):
        raise died(f"VM {vmid} is running - destroy failed")

    async def work(task: Task) -> None:
        call.pve.vms.destroy(vmid, task, call.flag("purge"), call.flag("destroy-unreferenced-disks"))

    return await begin(call, "qmdestroy", str(vmid), work)
