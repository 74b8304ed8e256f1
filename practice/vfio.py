"""What qemu-server does to host devices before it starts kvm (facts: pve.md 1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practice.machine import Machine

VFIO = "vfio-pci"
BRIDGES = ("0600", "0604")


class PrepareError(Exception):
    """PVE refuses to hand the device over; the text is the task's error."""


def prepare(machine: Machine, address: str) -> None:
    """Bind every device of the group, bridges left out, to vfio-pci."""
    if not machine.kernel.iommu:
        raise PrepareError("cannot prepare PCI pass-through, IOMMU not present")
    if address not in machine.kernel.groups:
        raise PrepareError(f"no pci device info for device '{address}'")
    for member in members(machine, machine.kernel.groups[address]):
        if machine.kernel.drivers.get(member) != VFIO:
            machine.bind(member, VFIO)
            _lost(machine, member)


def members(machine: Machine, group: int) -> list[str]:
    """The addresses of a group, without host and PCI bridges."""
    return [
        function.address
        for function in machine.pci
        if machine.kernel.groups.get(function.address) == group and function.class_code not in BRIDGES
    ]


def viable(machine: Machine, group: int) -> bool:
    """Whether every member is bound to vfio-pci or to nothing."""
    return all(machine.kernel.drivers.get(member) in (VFIO, None) for member in members(machine, group))


def _lost(machine: Machine, address: str) -> None:
    """A network card that leaves the host takes the connection with it."""
    function = next(item for item in machine.pci if item.address == address)
    if function.interface and function.interface == machine.scenario.get("network.port"):
        machine.lose_network()
