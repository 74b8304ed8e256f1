"""Proxmox VE on the practice host, as one object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.pve.mapping import Mappings
from practice.pve.storage import Storages
from practice.pve.tasks import Tasks
from practice.pve.users import Users
from practice.pve.vms import Vms

if TYPE_CHECKING:
    from practice.machine import Machine


class Pve:
    """What API and command line tools share."""

    def __init__(self, machine: Machine, storages: Storages | None = None) -> None:
        self.machine = machine
        self.users = Users(machine)
        self.tasks = Tasks(machine)
        self.storages = storages or Storages(machine)
        self.vms = Vms(machine, self.storages)
        self.mappings = {kind: Mappings(machine, kind) for kind in ("pci", "usb")}
        self.statistics_since = -60.0
        """When pvestatd began, in host seconds; it looks at the VMs every ten."""

    @property
    def release(self) -> tuple[int, ...]:
        """(8, 2) and so on: error bodies and texts differ by version."""
        return tuple(int(part) for part in str(self.machine.scenario.get("pve.release")).split("."))
