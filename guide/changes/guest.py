"""Switch Remote Desktop on inside Windows, through the guest agent."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, JsonObject, Preview
from guide.changes.vm_power import status
from guide.errors import ApiRefused
from guide.guest import GuestShell, remote_desktop_commands
from guide.message import Message, message

AGENT_WAIT = 180.0
"""Seconds for the agent of a VM that another part of the same undo has just started."""
POLL = 4.0


@dataclass(frozen=True)
class EnableRemoteDesktop(Change):
    """The registry value and the firewall group of Remote Desktop (facts: windows-and-rom.md A.3).

    `switch` (the registry value), `firewall`: which of the two is not on yet. Undo switches only those off again.
    """

    kind = "guest-remote-desktop"
    vmid: int
    switch: bool
    firewall: bool

    @property
    def id(self) -> str:
        return f"guest-remote-desktop:{self.vmid}"

    @property
    def title(self) -> Message:
        return message("change.remote-desktop.title", vmid=self.vmid)

    @property
    def preview(self) -> Preview:
        # Windows' own quoting: these run inside the guest.
        commands = remote_desktop_commands(enabled=True, switch=self.switch, firewall=self.firewall)
        return Preview(commands=tuple(subprocess.list2cmdline(argv) for argv in commands))

    def apply(self, context: ChangeContext) -> JsonObject:
        earlier = context.earlier
        record: JsonObject = {
            "vmid": self.vmid,
            "switch": self.switch or bool(earlier.get("switch")),
            "firewall": self.firewall or bool(earlier.get("firewall")),
        }
        context.save(record)
        shell = GuestShell(context.host.api, self.vmid, context.cancel)
        for argv in remote_desktop_commands(enabled=True, switch=self.switch, firewall=self.firewall):
            shell.run(argv)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        vmid = int(record["vmid"])
        power = status(context.host.api, vmid)
        if not power:
            return
        if power != "running" or not _agent_answers(context, vmid):
            # A VM is not started only for this: what it would do, and with which devices, is the person's affair.
            context.log(message("undo.remote-desktop-stays", vmid=vmid))
            return
        shell = GuestShell(context.host.api, vmid, context.cancel)
        firewall, switch = bool(record.get("firewall")), bool(record.get("switch"))
        for argv in remote_desktop_commands(enabled=False, switch=switch, firewall=firewall):
            shell.run(argv)


def _agent_answers(context: ChangeContext, vmid: int) -> bool:
    api, waited = context.host.api, 0.0
    while True:
        try:
            api.post(f"nodes/{api.node}/qemu/{vmid}/agent/ping")
        except ApiRefused:
            if waited >= AGENT_WAIT:
                return False
        else:
            return True
        context.progress(waited, AGENT_WAIT, "seconds", message("windows.waiting-for-agent"))
        context.cancel.wait(POLL)
        waited += POLL
