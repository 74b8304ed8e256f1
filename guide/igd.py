"""The Intel graphics of a host, and what its generation and this QEMU need: looked up in tables, never coded."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guide.facts.hostpci import CHIP_PREFIX
from guide.facts.model import Facts, PciDevice, Version, Versions
from guide.finding import Honesty
from guide.tables import table

INTEL = "8086"
USUAL_ADDRESS = "0000:00:02.0"
GRAPHICS_CLASSES = ("0300", "0380")
"""0380 where a discrete card is the primary one (facts: peers-and-failures.md 3, row 19)."""

AUDIO_CLASSES = ("0403", "0401")
AUDIO_DRIVERS = ("snd_hda_intel",)


@dataclass(frozen=True)
class Decision:
    """How the iGPU is handed over. `args` are the words of `args:`; `rom_era` A or B (facts: windows-and-rom.md B.2).

    `possible` None: neither the chip nor the version is in the table.
    """

    possible: bool | None
    hostpci0: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    rom_era: str | None = None
    honesty: Honesty = Honesty.INFERENCE
    source: str = ""


def igpu(facts: Facts) -> PciDevice | None:
    """The Intel graphics function: the one at 00:02.0 if it is one, else the first on the root bus."""
    found = [
        device
        for device in facts.pci
        if device.vendor == INTEL and device.class_code in GRAPHICS_CLASSES and device.address.endswith(":02.0")
    ]
    return next((device for device in found if device.address == USUAL_ADDRESS), found[0] if found else None)


def audio(facts: Facts, gpu: PciDevice) -> PciDevice | None:
    """The function that carries HDMI sound: by the platform table first, else Intel audio at the platform's place."""
    candidates = [device for device in facts.pci if device.vendor == INTEL and device.class_code in AUDIO_CLASSES]
    rows = {row["device"]: row for row in table("audio")}
    for device in candidates:
        if rows.get(device.device, {}).get("carries_hdmi") == "yes":
            return device
    usual = {f"0000:{row['usual_address']}" for row in table("audio")}
    return next((device for device in candidates if device.address in usual), None)


def known(device: str) -> dict[str, str] | None:
    """The row of a graphics chip in the table of chips (`device`: 4 hex digits), if any."""
    return next((row for row in table("igpu") if row["device"] == device.lower()), None)


def decide(device: str, qemu: str | None) -> Decision:
    """What chip `device` needs on QEMU `qemu` ("9.0.2-4")."""
    chip, version = known(device), Versions.parse(qemu)
    if chip is None or not version:
        return Decision(None)
    for row in table("igd"):
        if row["group"] == chip["group"] and covers(row, version):
            return Decision(
                row["possible"] == "yes",
                tuple(row["options"].split()),
                tuple(shlex.split(row["args"])),
                row["rom_era"] or None,
                Honesty(row["honesty"]),
                row["source"],
            )
    return Decision(None)


def pinned(device: str, qemu: str | None) -> dict[str, str] | None:
    """The row of the package version to stay at where QEMU `qemu` refuses chip `device`, if any is known."""
    chip, version = known(device), Versions.parse(qemu)
    if chip is None or not version:
        return None
    return next((row for row in table("pins") if row["group"] == chip["group"] and covers(row, version)), None)


def covers(row: Mapping[str, str], version: Version) -> bool:
    """Whether the row is about this version of QEMU; an empty end is open."""
    upper = Versions.parse(row["qemu_to"])
    return Versions.parse(row["qemu_from"]) <= version and (not upper or version < upper)


def set_names(args: Iterable[str]) -> tuple[str, ...]:
    """The properties that the words of `args` set on hostpci0."""
    return tuple(word.removeprefix(CHIP_PREFIX).partition("=")[0] for word in args if word.startswith(CHIP_PREFIX))


def unconfirmed(args: Iterable[str], listed: frozenset[str] | None) -> tuple[str, ...]:
    """The properties that this host's kvm does not list; one of them stops the VM's start (facts: pve.md 1.4).

    `listed`: what `kvm -device vfio-pci,help` said; None, because it could not be asked, confirms nothing.
    """
    return tuple(name for name in set_names(args) if listed is None or name not in listed)


def softdep_drivers(gpu: PciDevice, sound: PciDevice | None, facts: Facts) -> tuple[str, ...]:
    """The host drivers that must wait for vfio-pci: those of the chip's row, and those that the host names."""
    chip = known(gpu.device)
    wanted = chip["drivers"].split("|") if chip else ["i915"]
    wanted += [module for module in gpu.modules if module not in wanted]
    if sound is not None:
        wanted += [*AUDIO_DRIVERS, *sound.modules]
    plain = (module.replace("-", "_") for module in wanted)
    return tuple(dict.fromkeys(module for module in plain if module != "vfio_pci"))
