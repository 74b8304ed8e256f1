"""The devices of a survey as rows of a practice scenario (columns: practice/scenarios/README.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guide import igd
from guide.facts.lspci import CLASSES
from guide.facts.model import Facts, PciDevice
from guide.rules.hardware import FULL_LISTING
from guide.tables import table

KINDS = {code: words for words, code in CLASSES.items()}
UNKNOWN_CLASS, UNKNOWN_ID = "0880", "0000"
"""0880: a system peripheral, of which nothing follows."""

NETWORK = "0200"
NEUTRAL_CHIP = "3e92"
"""A chip that every QEMU of the table takes (resources/tables/igd.csv, gen6-9)."""

DRIVERS = {"0300": "i915", "0380": "i915", "0403": "snd_hda_intel", "0401": "snd_hda_intel"}
_HEX = re.compile(r"[0-9a-f]{4}")
_KIND = re.compile(r"^(\S+) (.+?) \[[0-9a-f]{4}\]: ", re.MULTILINE)
_LINK = re.compile(r"^device (\S+) \S*/([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$", re.MULTILINE)


@dataclass
class Devices:
    """`rows` of `pci`; `assumed`: (what, value) that the survey does not say."""

    rows: list[list[Any]] = field(default_factory=list)
    assumed: list[tuple[str, str]] = field(default_factory=list)
    interfaces: dict[str, str] = field(default_factory=dict)
    """Address -> name of the network card's interface."""


def as_rows(facts: Facts) -> Devices:
    """All devices, with what a real one cannot lack filled in."""
    found = Devices(interfaces={address: name for name, address in _LINK.findall(facts.sections.get("links", ""))})
    devices = [_complete(device, found) for device in {device.address: device for device in facts.pci}.values()]
    taken = any(device.address == igd.USUAL_ADDRESS for device in devices)
    if devices and not taken and facts.is_excerpt and igd.igpu(facts) is None and len(devices) < FULL_LISTING:
        devices.append(_neutral_chip(found))
    kinds = {address: words for address, words in _KIND.findall(facts.sections.get("lspci", "")) if words != "Device"}
    groups = _groups(devices, found)
    for device in sorted(devices, key=lambda device: device.address):
        if device.class_code == NETWORK:
            found.interfaces.setdefault(device.address, _interface(device.address))
        modules = device.modules or tuple(filter(None, [device.driver or DRIVERS.get(device.class_code, "")]))
        row = [device.address, kinds.get(device.address, KINDS.get(device.class_code, "Device")), device.class_code]
        row += [device.ids, device.name or "Device", " ".join(modules), groups[device.address]]
        row += [found.interfaces[device.address]] if device.address in found.interfaces else []
        found.rows.append(row)
    return found


def driver_of(device: str) -> tuple[str, list[str]] | None:
    """(version, chips of the same generation) of a known GOP driver for this chip."""
    row = next((row for row in table("gops") if device in row["chips"].split()), None)
    mine = igd.known(device)
    if row is None or mine is None:
        return None
    same = {chip["device"] for chip in table("igpu") if chip["codename"] == mine["codename"]}
    return row["version"], [chip for chip in row["chips"].split() if chip in same]


def _complete(device: PciDevice, found: Devices) -> PciDevice:
    """Class and ids: what is not known, or garbled, is taken from the name, or is nothing in particular."""
    kind, vendor, ids = (
        text if _HEX.fullmatch(text) else "" for text in (device.class_code, device.vendor, device.device)
    )
    if kind and vendor and ids:
        return device
    kind, vendor, ids = kind or UNKNOWN_CLASS, vendor or igd.INTEL, ids or _by_name(device.name) or UNKNOWN_ID
    found.assumed.append((f"pci {device.address}", f"[{kind}] {vendor}:{ids}"))
    return PciDevice(device.address, kind, vendor, ids, device.name, device.driver, device.modules, device.iommu_group)


def _by_name(name: str) -> str:
    """The first chip of the generation that a name begins with: Intel Corporation Elkhart Lake [...]."""
    plain = name.removeprefix("Intel Corporation ").replace(" ", "").lower()
    rows = (row for row in table("igpu") if plain.startswith(row["codename"].replace(" ", "").lower()))
    return next((row["device"] for row in rows), "")


def _neutral_chip(found: Devices) -> PciDevice:
    found.assumed.append((f"pci {igd.USUAL_ADDRESS}", f"[0300] {igd.INTEL}:{NEUTRAL_CHIP}"))
    return PciDevice(igd.USUAL_ADDRESS, "0300", igd.INTEL, NEUTRAL_CHIP)


def _groups(devices: list[PciDevice], found: Devices) -> Mapping[str, int]:
    """Groups as surveyed; else one for each slot, as Intel's chipset has it for the functions of 00:1f."""
    known = {device.address: device.iommu_group for device in devices if device.iommu_group is not None}
    groups, by_slot = dict(known), dict[str, int]()
    for device in sorted(devices, key=lambda device: device.address):
        slot = device.address.rpartition(".")[0]
        if device.address not in known:
            by_slot.setdefault(slot, max([-1, *groups.values(), *by_slot.values()]) + 1)
            groups[device.address] = by_slot[slot]
    if len(known) < len(devices):
        found.assumed.append(("pci", f"IOMMU groups of {len(devices) - len(known)} devices: one for each slot"))
    return groups


def _interface(address: str) -> str:
    """enp1s0, as systemd names the card in a slot."""
    _, bus, slot = address.split(":")
    function = f"f{slot[-1]}" if slot[-1] != "0" else ""
    return f"enp{int(bus, 16)}s{int(slot[:2], 16)}{function}"
