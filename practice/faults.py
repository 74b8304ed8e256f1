"""Faults on demand: what goes wrong on a practice host, and when (practice/scenarios/README.md lists them)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from practice.link import Link

if TYPE_CHECKING:
    from practice.machine import Machine

REBOOTS = ("normal", "never", "old-cmdline")


class FaultError(Exception):
    """The settings of faults are not valid."""


class Dropped(ConnectionAbortedError):
    """The connection breaks now."""


@dataclass(frozen=True)
class Edit:
    """Somebody else changes something just before a remote action: a line is added to a file, or a VM's options set."""

    at_action: int
    path: str = ""
    append: str = "# edited by somebody else\n"
    vmid: int = 0
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """What is asked for; every field by itself."""

    drop_at_action: int = 0
    """The connection breaks at this command, file operation or API call, counted from the settings on. 0: never."""
    cut_upload_at: int = -1
    """The connection breaks once so many bytes were uploaded (SFTP, API or input of a command). -1: never."""
    disk_free: int = -1
    """Bytes that are left on the disk from now on. -1: as it is."""
    round_trip_ms: float = 0
    kib_per_second: float = 0
    """A slow network before SSH, for connections that are opened from now on; 0: no limit."""
    host_key_changed: bool = False
    api_certificate_changed: bool = False
    clock_offset: float = 0
    """Seconds that the host's clock is ahead."""
    edit: Edit | None = None
    lock_vm: int = 0
    """This VM gets `lock: backup`."""
    hold_vm: int = 0
    """Somebody holds the lock file of this VM's configuration."""
    hang_task: str = ""
    """Workers of this kind (qmstart, ...) never end."""
    reboot: str = ""
    """normal, never (it does not come back) or old-cmdline (it comes back as it was); "": as the scenario says."""
    agent_flaps: float = 0
    """The guest agent answers for so many host seconds, and is silent for as many."""

    @property
    def link(self) -> Link:
        return Link(self.round_trip_ms / 1000, self.kib_per_second * 1024)


def parse(table: dict[str, Any]) -> Settings:
    """Raises `FaultError` for a name or value that does not exist."""
    known = {item.name: item for item in fields(Settings)}
    for name, value in table.items():
        if name not in known:
            raise FaultError(f"no fault {name!r}; there are: {', '.join(sorted(known))}")
        wanted = type(known[name].default)
        number = wanted is float and isinstance(value, int | float) and not isinstance(value, bool)
        if name != "edit" and not number and type(value) is not wanted:
            raise FaultError(f"{name}: {value!r} is no {wanted.__name__}")
    if table.get("reboot", "") not in ("", *REBOOTS):
        raise FaultError(f"reboot: {table['reboot']!r} is none of {', '.join(REBOOTS)}")
    values = dict(table)
    if "edit" in values:
        try:
            values["edit"] = Edit(**values["edit"])
        except TypeError as error:
            raise FaultError(f"edit: {error}") from None
    return Settings(**values)


class Faults:
    """The settings of one machine, and what has happened since they were made."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.settings = Settings()
        self.actions = 0
        self.uploaded = 0

    async def apply(self, settings: Settings) -> None:
        """Use them from now on; counting begins anew."""
        machine, before = self._machine, self.settings
        self.settings, self.actions, self.uploaded = settings, 0, 0
        machine.clock.offset = settings.clock_offset
        if settings.disk_free >= 0:
            machine.fs.free = settings.disk_free
        if before.hold_vm:
            machine.pve.vms.held.discard(before.hold_vm)
        if settings.hold_vm:
            machine.pve.vms.held.add(settings.hold_vm)
        if settings.lock_vm:
            self._write_lock(settings.lock_vm)
        for listener in machine.listeners:
            await listener.fault(before, settings)

    async def clear(self) -> None:
        await self.apply(Settings())

    def action(self) -> None:
        """Called at every command, file operation and API call. Raises `Dropped` at the one that was asked for."""
        self.actions += 1
        edit = self.settings.edit
        if edit is not None and edit.at_action == self.actions:
            self._edit(edit)
        if self.actions == self.settings.drop_at_action:
            raise Dropped("practice host: the connection was asked to break here")

    def upload(self, size: int) -> None:
        """Called with the size of every piece that arrives. Raises `Dropped` past the limit, and goes on after it."""
        limit, self.uploaded = self.settings.cut_upload_at, self.uploaded + size
        if 0 <= limit < self.uploaded:
            self.settings = replace(self.settings, cut_upload_at=-1)
            raise Dropped("practice host: the upload was asked to break here")

    async def hang(self, kind: str) -> None:
        """Inside every worker, before its work."""
        if kind == self.settings.hang_task:
            await asyncio.Event().wait()

    @property
    def agent_silent(self) -> bool:
        period = self.settings.agent_flaps
        return period > 0 and int(self._machine.clock.elapsed() / period) % 2 == 1

    def reboot(self, usual: str) -> str:
        return self.settings.reboot or usual

    def _edit(self, edit: Edit) -> None:
        if edit.path:
            self._machine.fs.put(edit.path, self._machine.fs.text(edit.path) + edit.append)
        if edit.vmid:
            file = self._machine.pve.vms.file(edit.vmid)
            file.main.update(edit.options)
            self._machine.pve.vms.save(edit.vmid, file)

    def _write_lock(self, vmid: int) -> None:
        file = self._machine.pve.vms.file(vmid)
        file.main["lock"] = "backup"
        self._machine.pve.vms.save(vmid, file)
