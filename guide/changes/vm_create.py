"""Create the VM of chapter 2 in one call; undoing it destroys exactly that VM and its disks.

Its SMBIOS uuid is chosen here and journalled before the call: a number alone says nothing about whose VM it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, Cost, JsonObject, Preview
from guide.changes.vm_power import shut_down, status
from guide.errors import ApiRefused, TaskFailed, UndoConflict
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
        name = dict(self.parameters).get("name", "")
        identity = context.earlier.get("uuid") or str(uuid.uuid4())
        record: JsonObject = {"vmid": self.vmid, "name": name, "uuid": identity}
        context.save(record)
        # An earlier try may have made it just before the connection died.
        if not is_there(context.host.api, record):
            self._create(context, record)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        api = context.host.api
        vmid = int(record["vmid"])
        if not is_there(api, record):
            if not status(api, vmid):
                return
            if record.get("nothing_made"):
                context.log(message("undo.vm-not-ours", vmid=vmid))
                return
            raise UndoConflict(what=f"VM {vmid}")
        shut_down(context, vmid, force=True)
        # Not destroy-unreferenced-disks: one broken storage would leave a VM without disks
        # (facts: pve-behaviour.md section 5).
        upid = api.delete(f"nodes/{api.node}/qemu/{vmid}", purge=1)
        api.wait_task(str(upid), context.on_line, context.cancel, timeout=600)

    def _create(self, context: ChangeContext, record: JsonObject) -> None:
        api = context.host.api
        values = {**dict(self.parameters), "smbios1": f"uuid={record['uuid']}"}
        try:
            upid = api.post(f"nodes/{api.node}/qemu", vmid=self.vmid, **values)
            api.wait_task(str(upid), context.on_line, context.cancel, timeout=600)
        except (ApiRefused, TaskFailed):
            # PVE itself takes back what it began. The number is free again: who uses it later need not stop an undo.
            if not is_there(api, record):
                context.save({**record, "nothing_made": True})
            raise


def is_there(api: Api, record: Mapping[str, Any]) -> bool:
    """Whether the VM of this record is on this node: the number alone may have been taken by another VM since."""
    try:
        config = api.get(f"nodes/{api.node}/qemu/{record['vmid']}/config")
    except ApiRefused as error:
        if "does not exist" in error.detail:
            return False
        raise
    parts = str(config.get("smbios1", "")).lower().split(",")
    return bool(record["uuid"]) and f"uuid={record['uuid']}".lower() in parts
