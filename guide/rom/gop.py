"""What the EFI driver inside a ROM says of itself: GOP version, the chips it knows, the era of its helper."""

from __future__ import annotations

import re
import struct

from guide.tables import table

NAME = "Intel(R) GOP Driver".encode("utf-16-le")
_VERSION = re.compile(rb"(?:[0-9]\x00){1,2}(?:\.\x00(?:[0-9]\x00){1,4}){2}")
SHORTEST_RUN = 3
"""Ids of a table stand together; a single match is chance (facts: windows-and-rom.md B.2)."""


def gop_version(data: bytes) -> str | None:
    """21.0.1056 from the UTF-16 text around the driver's name; None where there is no GOP."""
    place = data.find(NAME)
    if place < 0:
        return None
    match = _VERSION.search(data, max(place - 256, 0), place + 512)
    return match[0].decode("utf-16-le") if match else ""


def gop_ids(data: bytes) -> frozenset[str]:
    """Device ids of the id tables: runs of at least three known Intel graphics ids, 2, 4 or 8 bytes apart."""
    numbers = {int(row["device"], 16) for row in table("igpu")}
    found: set[int] = set()
    for stride in (2, 4, 8):
        for phase in range(0, stride, 2):
            found |= _runs(data, phase, stride, numbers)
    return frozenset(f"{number:04x}" for number in found)


def _runs(data: bytes, phase: int, stride: int, numbers: set[int]) -> set[int]:
    words = struct.unpack_from(f"<{(len(data) - phase) // 2}H", data, phase)[:: stride // 2]
    found: set[int] = set()
    run: list[int] = []
    for word in (*words, 0):
        if word in numbers:
            run.append(word)
            continue
        if len(set(run)) >= SHORTEST_RUN:
            found.update(run)
        run = []
    return found


def helper_era(data: bytes) -> str | None:
    """A: for QEMU up to 9.1; B: for 10 and later; None: no helper that we know (facts: windows-and-rom.md B.2)."""
    if any(mark in data for mark in (b"IgdLegacyModeDisplay", b"SetupVmBDSM", b"BDSM_TYPE_GEN_11_X")):
        return "A"
    if b"etc/igd-opregion" in data:
        return "A" if b"etc/igd-bdsm-size" in data else "B"
    return None
