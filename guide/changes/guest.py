"""Switch Remote Desktop on inside Windows, through the guest agent."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, JsonObject, Preview
from guide.guest import GuestShell, remote_desktop_commands
from guide.message import Message, message


@dataclass(frozen=True)
class EnableRemoteDesktop(Change):
    """The registry value and the firewall group of Remote Desktop (facts: windows-and-rom.md A.3)."""

    kind = "guest-remote-desktop"
    vmid: int

    @property
    def id(self) -> str:
        return f"guest-remote-desktop:{self.vmid}"

    @property
    def title(self) -> Message:
        return message("change.remote-desktop.title", vmid=self.vmid)

    @property
    def preview(self) -> Preview:
        # Windows' own quoting: these run inside the guest.
        return Preview(commands=tuple(subprocess.list2cmdline(argv) for argv in remote_desktop_commands(enabled=True)))

    def apply(self, context: ChangeContext) -> JsonObject:
        record: JsonObject = {"vmid": self.vmid}
        context.save(record)
        _switch(context, self.vmid, enabled=True)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        _switch(context, int(record["vmid"]), enabled=False)


def _switch(context: ChangeContext, vmid: int, *, enabled: bool) -> None:
    shell = GuestShell(context.host.api, vmid, context.cancel)
    for argv in remote_desktop_commands(enabled=enabled):
        shell.run(argv)
