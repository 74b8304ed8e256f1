"""What qemu-server does to host devices before it starts kvm (facts: pve.md 1.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practice.machine import Machine
    from practice.scenario import PciFunction

VFIO = "vfio-pci"
PCI_BRIDGE = "0604"
"""It has a bus behind it (a pci_bus folder) and stays with its driver."""
HOST_BRIDGE = "0600"
RESET_WARNS = (8, 2, 6)
"""qemu-server that only warns where a reset fails (458b487b)."""


class PrepareError(Exception):
    """PVE refuses to hand the device over; the text is the task's error."""


def function(machine: Machine, address: str) -> PciFunction | None:
    """The host's function; the domain may be left out."""
    full = address if address.count(":") == 2 else f"0000:{address}"
    return next((item for item in machine.pci if item.address == full), None)


def prepare(machine: Machine, address: str, version: tuple[int, ...], warn: Callable[[str], None]) -> None:
    """Bind every device of the group to vfio-pci, and reset this one. `version`: qemu-server's."""
    if not machine.kernel.iommu:
        raise PrepareError("cannot prepare PCI pass-through, IOMMU not present")
    if function(machine, address) is None:
        raise PrepareError(f"no pci device info for device '{address}'")
    if address not in machine.kernel.groups:
        raise PrepareError("Cannot open iommu_group: No such file or directory")
    if not machine.load_module(VFIO):
        raise PrepareError("Cannot find vfio-pci module!")
    stubborn = [_full(text) for text in machine.scenario.get("hardware.unbindable", [])]
    for member in members(machine, machine.kernel.groups[address]):
        if machine.kernel.drivers.get(member) == VFIO:
            continue
        if member in stubborn:
            raise PrepareError(f"Cannot bind {member} to vfio")
        machine.bind(member, VFIO)
        _lost(machine, member)
    if address in [_full(text) for text in machine.scenario.get("hardware.reset_fails", [])]:
        warn(f"error writing '1' to '/sys/bus/pci/devices/{address}/reset': Inappropriate ioctl for device")
        if version < RESET_WARNS:
            raise PrepareError(f"can't reset PCI device '{address}'")
        warn(f"failed to reset PCI device '{address}', but trying to continue as not all devices need a reset")


def _full(address: str) -> str:
    return address if address.count(":") == 2 else f"0000:{address}"


def members(machine: Machine, group: int) -> list[str]:
    """The addresses of a group, without host and PCI bridges."""
    return [
        item.address
        for item in machine.pci
        if machine.kernel.groups.get(item.address) == group and item.class_code not in (HOST_BRIDGE, PCI_BRIDGE)
    ]


def bound(machine: Machine, group: int) -> bool:
    """Whether any member is bound to vfio-pci: only then is there a /dev/vfio/GROUP."""
    return any(machine.kernel.drivers.get(member) == VFIO for member in members(machine, group))


def viable(machine: Machine, group: int) -> bool:
    """Whether every member is bound to vfio-pci or to nothing."""
    return all(machine.kernel.drivers.get(member) in (VFIO, None) for member in members(machine, group))


def _lost(machine: Machine, address: str) -> None:
    """A network card that leaves the host takes the connection with it."""
    card = function(machine, address)
    if card is not None and card.interface and card.interface == machine.scenario.get("network.port"):
        machine.lose_network()
