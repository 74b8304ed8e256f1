"""Restart the host and wait until it is really another boot: a changed boot id first, the API after it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, Cost, JsonObject, Preview
from guide.errors import ApiRefused, CommandFailed, ConnectionFailed, HostNotBack
from guide.host import Host
from guide.message import Message, message

BOOT_ID = "/proc/sys/kernel/random/boot_id"


@dataclass(frozen=True)
class Reboot(Change):
    """`boot_id` is the boot that must end. After `reboot` returns, logins may still reach the old boot for a while
    (facts: pve-behaviour.md section 7), so only another boot id counts."""

    kind = "reboot"
    boot_id: str
    patience: float = 900
    """Seconds to wait for the host before `HostNotBack`."""

    @property
    def id(self) -> str:
        return "reboot"

    @property
    def title(self) -> Message:
        return message("change.reboot.title")

    @property
    def preview(self) -> Preview:
        return Preview(commands=("systemctl reboot",))

    @property
    def costs(self) -> frozenset[Cost]:
        return frozenset({Cost.REBOOT, Cost.CONSOLE})

    def apply(self, context: ChangeContext) -> JsonObject:
        record: JsonObject = {"boot_id_before": self.boot_id, "boot_id_after": ""}
        context.save(record)
        if _boot_id(context.host) == self.boot_id:
            context.host.reboot()
        started = time.monotonic()
        record["boot_id_after"] = self._wait_for_boot(context, started)
        self._wait_for_api(context, started)
        return record

    def _wait_for_boot(self, context: ChangeContext, started: float) -> str:
        attempt = 0
        while (waited := time.monotonic() - started) < self.patience:
            attempt += 1
            note = message("reboot.attempt", number=attempt)
            context.progress(waited, None, "seconds", note)
            found = self._try_boot_id(context)
            if found and found != self.boot_id:
                context.log(message("reboot.back", seconds=round(waited)))
                return found
            context.cancel.wait(min(0.2 * attempt, 5))
        raise HostNotBack(host=context.host.address, seconds=str(round(self.patience)))

    def _try_boot_id(self, context: ChangeContext) -> str:
        """The boot id, or "" while the host cannot say it.

        A host that stops without a word leaves a connection on which nothing ever comes: commands run out of time there
        (seen with a boot that hung in its initramfs).
        """
        try:
            return _boot_id(context.host)
        except (ConnectionFailed, CommandFailed):
            pass
        try:
            context.host.reconnect(cancel=context.cancel)
            return _boot_id(context.host)
        except (ConnectionFailed, CommandFailed):
            return ""

    def _wait_for_api(self, context: ChangeContext, started: float) -> None:
        context.log(message("reboot.waiting-for-api"))
        while (waited := time.monotonic() - started) < self.patience:
            context.progress(waited, None, "seconds", message("reboot.waiting-for-api"))
            try:
                context.host.api.get("version")
                return
            except (ConnectionFailed, ApiRefused):
                context.cancel.wait(0.5)
        raise HostNotBack(host=context.host.address, seconds=str(round(self.patience)))

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        """A restart cannot be taken back; the undone files act at the next one, and we say so."""
        context.log(message("reboot.again-after-undo"))


def _boot_id(host: Host) -> str:
    return (host.read_file(BOOT_ID).data or b"").decode("ascii", "replace").strip()
