"""PCI devices: from sysfs (what counts) and from `lspci -Dnnk` (names and modules)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guide.facts.model import PciDevice
from guide.facts.numbers import number

ADDRESS = r"(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]"
"""A PCI function; the domain is left out by plain lspci and has up to eight digits with VMD."""

_HEAD = re.compile(
    rf"^(?P<address>{ADDRESS}) (?P<kind>.*?) \[(?P<code>[0-9a-f]{{4}})\]: "
    r"(?P<name>.*) \[(?P<vendor>[0-9a-f]{4}):(?P<device>[0-9a-f]{4})\](?: \(rev [0-9a-f]+\))?"
)
_PLAIN = re.compile(rf"^(?P<address>{ADDRESS}) (?P<kind>[^:\[]+): (?P<name>.*?)(?: \(rev [0-9a-f]+\).*)?$")
"""Without -nn there are only words."""

CLASSES = {
    "VGA compatible controller": "0300",
    "3D controller": "0302",
    "Display controller": "0380",
    "Audio device": "0403",
    "Multimedia audio controller": "0401",
    "Ethernet controller": "0200",
    "Network controller": "0280",
    "SCSI storage controller": "0100",
    "IDE interface": "0101",
    "RAID bus controller": "0104",
    "SATA controller": "0106",
    "Serial Attached SCSI controller": "0107",
    "Non-Volatile memory controller": "0108",
    "Host bridge": "0600",
    "ISA bridge": "0601",
    "PCI bridge": "0604",
    "USB controller": "0c03",
    "SMBus": "0c05",
}
"""pci.ids, list of known device classes."""

VENDORS = {"Intel Corporation": "8086"}


@dataclass(frozen=True)
class Listed:
    """One device as lspci prints it."""

    address: str
    class_code: str
    vendor: str
    device: str
    name: str
    driver: str | None = None
    modules: tuple[str, ...] = ()


def parse_lspci(text: str) -> dict[str, Listed]:
    """Full address -> device. Lines that do not fit are passed over."""
    found: dict[str, Listed] = {}
    current = ""
    for line in text.splitlines():
        head = _HEAD.match(line)
        plain = None if head else _PLAIN.match(line)
        if head:
            current = full_address(head["address"])
            found[current] = Listed(current, head["code"], head["vendor"], head["device"], head["name"])
        elif plain:
            current = full_address(plain["address"])
            found[current] = _from_words(current, plain["kind"], plain["name"])
        elif current and line[:1].isspace():
            key, _, value = line.strip().partition(": ")
            old = found[current]
            if key == "Kernel driver in use":
                found[current] = _with(old, driver=value.strip())
            elif key == "Kernel modules":
                found[current] = _with(old, modules=tuple(part.strip() for part in value.split(",") if part.strip()))
    return found


def _from_words(address: str, kind: str, name: str) -> Listed:
    """Class and vendor by their names; the id stays unknown, except where pci.ids had none: `Device 4ba1`."""
    vendor = next((number for maker, number in VENDORS.items() if name.startswith(maker)), "")
    unnamed = re.search(r"\bDevice ([0-9a-f]{4})$", name)
    return Listed(address, CLASSES.get(kind, ""), vendor, unnamed[1] if unnamed else "", name)


def full_address(address: str) -> str:
    """0000:00:02.0 for 00:02.0."""
    return address if address.count(":") >= 2 else f"0000:{address}"


def parse_devices(sysfs: str, listed: dict[str, Listed]) -> tuple[PciDevice, ...]:
    """The devices of the survey's `pci` section, named by lspci; lspci alone where sysfs gave nothing."""
    found = [device for line in sysfs.splitlines() if (device := _from_sysfs(line, listed)) is not None]
    if found:
        return tuple(found)
    return tuple(
        PciDevice(item.address, item.class_code, item.vendor, item.device, item.name, item.driver, item.modules)
        for item in listed.values()
    )


def _from_sysfs(line: str, listed: dict[str, Listed]) -> PciDevice | None:
    words = line.split(None, 7)
    if len(words) != 8 or not re.fullmatch(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]", words[0]):
        return None
    address, vendor, device, kind, group, driver, boot_vga, reset = words
    named = listed.get(address)
    return PciDevice(
        address=address,
        class_code=_hex(kind)[:4],
        vendor=_hex(vendor),
        device=_hex(device),
        name=named.name if named else "",
        driver=None if driver == "-" else driver,
        modules=named.modules if named else (),
        iommu_group=number(group),
        boot_vga={"1": True, "0": False}.get(boot_vga),
        reset_method=None if reset == "-" else reset,
    )


def _hex(word: str) -> str:
    digits = word.removeprefix("0x")
    return "" if digits == "-" else digits


def _with(old: Listed, driver: str | None = None, modules: tuple[str, ...] | None = None) -> Listed:
    return Listed(
        old.address, old.class_code, old.vendor, old.device, old.name, driver or old.driver, modules or old.modules
    )
