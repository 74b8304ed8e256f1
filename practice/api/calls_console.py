"""Consoles of a VM: the tickets of their proxies, and keys. What is behind the port is not simulated."""

from __future__ import annotations

import secrets
from typing import Any

from practice.api.routes import Call, route
from practice.pve.errors import died
from practice.pve.tasks import Task

AREA = "/vms/{vmid}"
BASE = "/nodes/{node}/qemu/{vmid}"
WAIT = 10.0
"""Host seconds that a proxy waits for somebody to connect."""

FIRST_PORT = 5900


@route("POST", f"{BASE}/vncproxy", needs=(AREA, "VM.Console"))
async def vncproxy(call: Call) -> Any:
    """8.4 tells the password too (facts: pve-behaviour.md section 6)."""
    vmid = call.vmid
    call.pve.vms.text(vmid)
    found = {**_proxy(call, "vncproxy"), "cert": call.pve.machine.fs.text("/etc/pve/pve-root-ca.pem")}
    if call.pve.release >= (8, 4) or call.flag("generate-password"):
        found["password"] = found["ticket"] if not call.flag("generate-password") else secrets.token_urlsafe(6)
    return found


@route(
    "POST",
    f"{BASE}/termproxy",
    needs=(AREA, "VM.Console"),
)
async def termproxy(call: Call) -> Any:
    config = call.pve.vms.file(call.vmid).main
    wanted = str(call.values.get("serial", ""))
    if wanted and wanted not in config:
        raise died(f"serial interface '{wanted}' does not exist")
    if not any(key.startswith("serial") for key in config):
        raise died("unable to find a serial interface")
    return _proxy(call, "vncproxy")


@route("PUT", f"{BASE}/sendkey", needs=(AREA, "VM.Console"))
async def sendkey(call: Call) -> Any:
    call.pve.vms.text(call.vmid)
    if not call.pve.vms.running(call.vmid):
        raise died(f"VM {call.vmid} not running")


def _proxy(call: Call, kind: str) -> dict[str, Any]:
    """The task waits for a connection, which never comes here."""

    async def work(task: Task) -> None:
        await call.pve.machine.clock.sleep(WAIT)
        raise died("connection timed out")

    users, now = call.pve.users, int(call.pve.machine.clock.now())
    task = call.pve.tasks.start(kind, str(call.vmid), call.caller.name, work)
    return {
        "user": call.caller.name,
        "ticket": f"PVEVNC:{now:08X}::{users.signature(f'{now}:{call.vmid}')}",
        "port": str(FIRST_PORT),
        "upid": task.upid,
    }
