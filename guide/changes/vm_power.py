"""Start and shut down the VM. Windows is always asked first; it is switched off only where an undo demands it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, Cost, JsonObject, Preview
from guide.errors import ApiRefused
from guide.host import Api
from guide.message import Message, message

GRACE = 180
"""Seconds that Windows gets to shut down (facts: windows-and-rom.md A.5)."""


@dataclass(frozen=True)
class StartVm(Change):
    """`purpose` tells the start before the installation from the one with the iGPU."""

    kind = "vm-start"
    vmid: int
    purpose: str

    @property
    def id(self) -> str:
        return f"vm-start:{self.vmid}:{self.purpose}"

    @property
    def title(self) -> Message:
        return message("change.vm-start.title", vmid=self.vmid)

    @property
    def preview(self) -> Preview:
        return Preview(commands=(f"qm start {self.vmid}",))

    def apply(self, context: ChangeContext) -> JsonObject:
        record: JsonObject = {"vmid": self.vmid}
        context.save(record)
        start(context, self.vmid)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        shut_down(context, int(record["vmid"]), force=True)


@dataclass(frozen=True)
class ShutDownVm(Change):
    """Windows must be off before its hardware changes: on a running VM the lines would only be pending."""

    kind = "vm-shutdown"
    vmid: int

    @property
    def id(self) -> str:
        return f"vm-shutdown:{self.vmid}"

    @property
    def title(self) -> Message:
        return message("change.vm-shutdown.title", vmid=self.vmid)

    @property
    def preview(self) -> Preview:
        return Preview(commands=(f"qm shutdown {self.vmid} --timeout {GRACE}",))

    @property
    def costs(self) -> frozenset[Cost]:
        return frozenset({Cost.VM_OFF})

    def apply(self, context: ChangeContext) -> JsonObject:
        record: JsonObject = {"vmid": self.vmid}
        context.save(record)
        shut_down(context, self.vmid, force=False)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        start(context, int(record["vmid"]))


def status(api: Api, vmid: int) -> str:
    """ "running", "stopped", or "" where there is no such VM on this node."""
    try:
        return str(api.get(f"nodes/{api.node}/qemu/{vmid}/status/current")["status"])
    except ApiRefused as error:
        if "does not exist" in error.detail:
            return ""
        raise


def start(context: ChangeContext, vmid: int) -> None:
    """Start the VM unless it runs; the task's own log lines and error reach the person."""
    api = context.host.api
    if status(api, vmid) == "stopped":
        upid = api.post(f"nodes/{api.node}/qemu/{vmid}/status/start")
        # With a passed-through device PVE itself waits up to 120 s (facts: pve.md 1.6).
        api.wait_task(str(upid), context.on_line, context.cancel, timeout=300)


def shut_down(context: ChangeContext, vmid: int, *, force: bool) -> None:
    """Ask Windows to shut down and wait; with `force` it is switched off when it does not within `GRACE` seconds."""
    api = context.host.api
    if status(api, vmid) == "running":
        upid = api.post(f"nodes/{api.node}/qemu/{vmid}/status/shutdown", timeout=GRACE, forceStop=int(force))
        api.wait_task(str(upid), context.on_line, context.cancel, timeout=GRACE + 60)
