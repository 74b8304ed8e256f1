"""What QEMU of a version makes of an assigned Intel graphics chip (facts: pve.md 1.5; table: data/igd.toml).

Not simulated, as no configuration on PVE leads there: a hotplugged chip, a bridge whose registers cannot be read.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

VGA_CLASS = "0300"


class Refused(Exception):
    """The device cannot be realised: kvm ends. `lines` are QEMU's words; the last says why."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[-1])
        self.lines = lines


@dataclass(frozen=True)
class Chip:
    """The chip and its place. `regions`: what the host's kernel offers of it (opregion, host, lpc)."""

    address: str
    device: str
    class_code: str
    at_02: bool
    """Guest 00:02.0 on the root bus of an i440fx machine."""
    lpc_slot_free: bool
    """Nothing is at guest 00:1f.0."""
    has_rom: bool
    vga_access: bool
    """The host lets it claim VGA cycles (no disable_vga=1)."""
    regions: frozenset[str]
    options: dict[str, str]


@dataclass
class Outcome:
    """What the guest's firmware and driver find. `lines` are QEMU's messages."""

    lines: list[str] = field(default_factory=list)
    legacy: bool = False
    opregion: bool = False
    lpc: bool = False
    stolen_memory: bool = False
    """Windows' driver finds it, with the register that says where it is."""


def numbers(version: str) -> tuple[int, ...]:
    """(9, 0, 0) for "9.0.0-3"."""
    return tuple(int(part) for part in version.split("-")[0].split("+")[0].split(".") if part.isdigit())


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "data" / "igd.toml").read_text(encoding="utf-8"))


def _holds(row: dict[str, Any], wanted: tuple[int, ...]) -> bool:
    return numbers(row["from"]) <= wanted and (not row["to"] or wanted < numbers(row["to"]))


def behaviour(version: str) -> dict[str, Any]:
    """The row of a QEMU version. Raises `ValueError` for one that the table does not have."""
    for row in _table()["version"]:
        if _holds(row, numbers(version)):
            return dict(row)
    raise ValueError(version)


def generation(version: str, device: str) -> int:
    """Of a device id such as "46d1"; -1 where QEMU does not know it."""
    rows = _table()["generations"][behaviour(version)["generations"]]
    if int(device, 16) & 0xFFE == 0xA84:
        return int(rows["apollo"])
    for name, prefixes in rows.items():
        if isinstance(prefixes, list) and device[:2].lower() in prefixes:
            return -1 if name == "none" else int(name)
    return int(rows["other"])


def true_generation(device: str) -> int:
    """Of the chip itself, as the newest QEMU knows it."""
    return generation(_table()["version"][-1]["from"], device)


def assign(version: str, chip: Chip) -> Outcome:
    """Set the chip up. Raises `Refused`."""
    rules, number = behaviour(version), generation(version, chip.device)
    quirk = _bar4 if rules["quirk"] == "bar4" else _config
    return quirk(version, rules, number, chip)


def _bar4(version: str, rules: dict[str, Any], number: int, chip: Chip) -> Outcome:
    """Until 9.2: what fails is said, and the VM starts without legacy mode."""
    found = Outcome()
    problem = _bar4_problem(rules, number, chip)
    if problem is None:
        found.legacy = found.opregion = found.lpc = True
        found.stolen_memory = rules["gms"] == "ignored"
        if rules["gms"] == "zeroed":
            units = int(chip.options.get("x-igd-gms", "0"), 0)
            found.stolen_memory = 0 < units <= rules["gms_most"]
            if units > rules["gms_most"]:
                found.lines.append(f"Unsupported IGD GMS value 0x{units:x}")
    elif problem:
        found.lines.append(problem)
    if chip.options.get("x-igd-opregion") == "on" and not found.opregion:
        if "opregion" not in chip.regions:
            raise Refused(
                *found.lines, f"vfio {chip.address}: does not support requested IGD OpRegion feature: No such device"
            )
        found.opregion = True
    return found


def _bar4_problem(rules: dict[str, Any], number: int, chip: Chip) -> str | None:
    """Why there is no legacy mode: QEMU's words, "" where it says nothing, None where there is one."""
    if not chip.at_02 or chip.class_code != VGA_CLASS:
        return ""
    name, off = f"IGD device {chip.address}", "legacy mode disabled"
    if not chip.lpc_slot_free:
        return f"{name} cannot support legacy mode due to existing devices at address 1f.0"
    if number not in rules["legacy"]:
        return f"{name} is unsupported in legacy mode, try SandyBridge or newer"
    if not chip.has_rom:
        return f"{name} has no ROM, {off}"
    for region, word in (("opregion", "OpRegion"), ("host", "host bridge"), ("lpc", "LPC bridge")):
        if region not in chip.regions:
            return f"{name} does not support {word} access,{off}"
    return None if chip.vga_access else f"{name} failed to enable VGA access, {off}"


def _config(version: str, rules: dict[str, Any], number: int, chip: Chip) -> Outcome:
    """From 10.0 on: legacy mode by itself where it fits, each part by its own property."""
    found = Outcome()
    if rules["opregion"]:
        if "opregion" not in chip.regions:
            return found
        found.lines.append(f"info: OpRegion detected on Intel display {chip.device}.")
    elif chip.class_code != VGA_CLASS:
        return found
    elif number == -1:
        found.lines.append(f"IGD device {chip.address} is unsupported in legacy mode, try SandyBridge or newer")
        return found
    mode = chip.options.get("x-igd-legacy-mode", "auto")
    fits = chip.at_02 and chip.class_code == VGA_CLASS and number in rules["legacy"]
    found.legacy = fits and mode != "off"
    if mode == "on" and not fits:
        raise Refused(*found.lines, rules["legacy_text"].format(device=chip.device, generation=number))
    if found.legacy:
        found.lines.append("info: IGD legacy mode enabled, use x-igd-legacy-mode=off to disable it if unwanted.")
    problem = _parts(rules, chip, found)
    if problem and found.legacy and mode == "auto":
        return Outcome([*found.lines, problem, "IGD legacy mode disabled"], opregion=found.opregion)
    if problem:
        raise Refused(*found.lines, problem)
    # Chips that QEMU does not know have no register for it from Meteor Lake on.
    found.stolen_memory = True
    if not _gms(version, number, chip, found) and rules["opregion"]:
        # The device is torn down again, although kvm goes on (igd.c of 10.2.2: false without an error).
        return Outcome(found.lines)
    return found


def _parts(rules: dict[str, Any], chip: Chip, found: Outcome) -> str:
    """OpRegion and bridges, by legacy mode or by property; QEMU's words where one cannot be had."""
    if found.legacy and not chip.has_rom:
        return "Device has no ROM"
    if found.legacy and not chip.vga_access:
        return "Unable to enable VGA access"
    wanted = chip.options.get("x-igd-opregion", "on" if rules["opregion"] else "off") == "on"
    if found.legacy or wanted:
        if "opregion" not in chip.regions:
            return "Device does not supports IGD OpRegion feature: No such device"
        found.opregion = True
    if found.legacy or chip.options.get("x-igd-lpc") == "on":
        if not chip.lpc_slot_free:
            return "Cannot create LPC bridge due to existing device at 1f.0"
        for region, word in (("lpc", "LPC"), ("host", "host")):
            if region not in chip.regions:
                return f"IGD {word} bridge access is not supported by kernel"
        found.lpc = True
    return ""


def _gms(version: str, number: int, chip: Chip, found: Outcome) -> bool:
    """Whether the wanted size of stolen memory is one of the chip's."""
    units = int(chip.options.get("x-igd-gms", "0"), 0)
    if not units:
        return True
    if number == -1:
        found.lines.append("x-igd-gms is not supported on this device")
        return False
    row = next(row for row in _table()["gms"] if _holds(row, numbers(version)) and number < row["below"])
    if any(least <= units <= most for least, most in row["ranges"]):
        return True
    found.lines.append(f"Parameter 'x-igd-gms' expects {row['text']}")
    return False
