"""hostpciN of a VM: what qemu-server refuses at start and showcmd, and the -device lines (facts: pve.md 1.1 to 1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from practice.pve.errors import died
from practice.pve.mapping import host_of
from practice.pve.schema import properties

if TYPE_CHECKING:
    from practice.machine import Machine

MOST = 16
SLOTS = ("0x10", "0x11", "0x1b", "0x1c")
"""On pci.0 for the first four; the others are on pci.2 from slot 0xd on."""
SECOND_BUS = 9
ROM_FOLDER = "/usr/share/kvm/"
Q35_LINE = "q35 machine model is not enabled at /usr/share/perl5/PVE/QemuServer/PCI.pm line 506."


@dataclass(frozen=True)
class _Wanted:
    number: int
    options: dict[str, str]
    addresses: tuple[str, ...]

    @property
    def legacy(self) -> bool:
        return self.options.get("legacy-igd") == "1"


def devices(machine: Machine, config: dict[str, str]) -> tuple[list[str], bool]:
    """(-device values, whether legacy-igd is on). Raises PVE's own refusals."""
    wanted = _wanted(machine, config)
    used: set[str] = set()
    for device in wanted:
        for address in device.addresses:
            if address in used:
                raise died(f"device '{address}' assigned more than once")
            used.add(address)
    legacy = False
    for device in wanted:
        if device.options.get("pcie") == "1" and "q35" not in config.get("machine", ""):
            raise died(Q35_LINE)
        if device.legacy:
            if legacy:
                raise died("only one device can be assigned in legacy-igd mode")
            legacy = True
            _check_legacy(config, device)
    return [line for device in wanted for line in _lines(device)], legacy


def _wanted(machine: Machine, config: dict[str, str]) -> list[_Wanted]:
    found = []
    for number in range(MOST):
        value = config.get(f"hostpci{number}")
        if value is None:
            continue
        options = properties(value, "host")
        addresses: list[str] = []
        for part in options.get("host", "").split(";"):
            prefix = host_of(machine, {**options, "host": part})
            # sysfs ids are matched from the left: 0000:00:02 is every function of the slot.
            matching = [function.address for function in machine.pci if function.address.startswith(prefix)]
            if not matching or not prefix:
                raise died(f"no PCI device found for '{part}'")
            addresses += matching
        found.append(_Wanted(number, options, tuple(addresses)))
    return found


def _check_legacy(config: dict[str, str], device: _Wanted) -> None:
    """In qemu-server's order; vga must be the very word (tried with Proxmox' code: facts/pve.md 1.2)."""
    options = device.options
    several = len(device.addresses) > 1
    rules = (
        (config.get("vga") != "none", "requires VGA mode to be 'none'"),
        (options.get("rombar") == "0", "requires rombar to be enabled"),
        (options.get("x-vga") == "1", "is not compatible with x-vga"),
        ("mdev" in options, "is not compatible with mdev"),
        ("q35" in config.get("machine", ""), "is not compatible with q35"),
        (several, "is not compatible with multifunction devices"),
        (not device.addresses[0].endswith("02.0"), "only works for devices on host bus 00:02.0"),
    )
    for broken, text in rules:
        if broken:
            raise died(f"legacy IGD assignment {text}")


def _lines(device: _Wanted) -> list[str]:
    options, number = device.options, device.number
    bus, place = "pci.0", SLOTS[number] if number < len(SLOTS) else f"0x{number + SECOND_BUS:x}"
    if number >= len(SLOTS):
        bus = "pci.2"
    if device.legacy:
        place = "0x2"
    several = len(device.addresses) > 1
    lines = []
    for function, address in enumerate(device.addresses):
        name, where = (f"hostpci{number}.{function}", f"{place}.{function}") if several else (f"hostpci{number}", place)
        line = f"vfio-pci,host={address},id={name},bus={bus},addr={where}"
        if function == 0:
            line += ",rombar=0" if options.get("rombar") == "0" else ""
            line += ",multifunction=on" if several else ""
            line += f",romfile={ROM_FOLDER}{options['romfile']}" if "romfile" in options else ""
        lines.append(line)
    return lines
