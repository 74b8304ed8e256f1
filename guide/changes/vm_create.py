"""Create the VM of chapter 2 in one call; undoing it destroys exactly that VM and its disks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, Cost, JsonObject, Preview
from guide.changes.vm_power import shut_down, status
from guide.errors import UndoConflict
from guide.host import Api
from guide.message import Message, message


@dataclass(frozen=True)
class CreateVm(Change):
    """`parameters` are those of POST nodes/{node}/qemu, without vmid."""

    kind = "vm-create"
    vmid: int
    parameters: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        return f"vm-create:{self.vmid}"

    @property
    def title(self) -> Message:
        return message("change.vm-create.title", vmid=self.vmid, name=dict(self.parameters).get("name", ""))

    @property
    def preview(self) -> Preview:
        return Preview(keys=tuple((key, None, value) for key, value in self.parameters))

    @property
    def costs(self) -> frozenset[Cost]:
        return frozenset({Cost.DATA})

    def apply(self, context: ChangeContext) -> JsonObject:
        api = context.host.api
        name = dict(self.parameters).get("name", "")
        record: JsonObject = {"vmid": self.vmid, "name": name, "uuid": ""}
        context.save(record)
        # An earlier try may have made it just before the connection died.
        if not (context.earlier and status(api, self.vmid)):
            upid = api.post(f"nodes/{api.node}/qemu", vmid=self.vmid, **dict(self.parameters))
            api.wait_task(str(upid), context.on_line, context.cancel, timeout=600)
        record["uuid"] = _uuid(api, self.vmid)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        api = context.host.api
        vmid = int(record["vmid"])
        if not status(api, vmid):
            return
        if record["uuid"] and _uuid(api, vmid) != record["uuid"]:
            raise UndoConflict(what=f"VM {vmid}")
        shut_down(context, vmid, force=True)
        # Not destroy-unreferenced-disks: one broken storage would leave a VM without disks
        # (facts: pve-behaviour.md section 5).
        upid = api.delete(f"nodes/{api.node}/qemu/{vmid}", purge=1)
        api.wait_task(str(upid), context.on_line, context.cancel, timeout=600)


def _uuid(api: Api, vmid: int) -> str:
    """The SMBIOS uuid that PVE gave the VM: it tells our VM from another one that took its number later."""
    smbios = str(api.get(f"nodes/{api.node}/qemu/{vmid}/config").get("smbios1", ""))
    return next((part[5:] for part in smbios.split(",") if part.startswith("uuid=")), "")
