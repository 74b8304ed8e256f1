"""Which VM has which host device: /run/qemu-server/pci-id-reservations (facts: pve.md 1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.pve.errors import died

if TYPE_CHECKING:
    from practice.machine import Machine

PATH = "/var/run/qemu-server/pci-id-reservations"


class Reservations:
    """Devices by address; a VM that starts has them for a time, one that runs by its process."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._starting: dict[str, int] = {}
        self._running: dict[str, int] = {}

    def take(self, vmid: int, addresses: list[str]) -> None:
        """For a start. Raises 500 where another VM has one of them."""
        for address in addresses:
            for taken, text in ((self._running, "already in use"), (self._starting, "currently reserved for use")):
                other = taken.get(address, vmid)
                if other != vmid:
                    verb = "is " if taken is self._starting else ""
                    raise died(f"PCI device '{address}' {verb}{text} by VMID '{other}'")
        self._starting.update(dict.fromkeys(addresses, vmid))
        self._write()

    def keep(self, vmid: int, addresses: list[str]) -> None:
        """It runs."""
        self._running.update(dict.fromkeys(addresses, vmid))
        self._write()

    def release(self, vmid: int) -> None:
        """It failed, or it has stopped."""
        for taken in (self._starting, self._running):
            for address in [address for address, owner in taken.items() if owner == vmid]:
                del taken[address]
        self._write()

    def _write(self) -> None:
        now = int(self._machine.clock.now())
        rows = [f"{address} {vmid} time {now}\n" for address, vmid in sorted(self._starting.items())]
        rows += [f"{address} {vmid} pid {20_000 + vmid}\n" for address, vmid in sorted(self._running.items())]
        if rows or self._machine.fs.exists(PATH):
            self._machine.fs.put(PATH, "".join(rows), 0o644)
