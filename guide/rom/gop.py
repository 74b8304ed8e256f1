"""What the EFI driver inside a ROM says of itself: GOP version, the chips it knows, the era of its helper."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterable

from guide.facts.rom_era import MARKS, era_of
from guide.tables import table

NAME = "Intel(R) GOP Driver".encode("utf-16-le")
_DOTTED = re.compile(rb"(?:[0-9]\x00){1,2}(?:\.\x00(?:[0-9]\x00){1,4}){2}(?![0-9]\x00)")
_NUMBER = re.compile(rb"(?<![0-9A-Za-z.]\x00)((?:[0-9]\x00){1,4})\x00\x00")
_BEFORE, _AFTER = 256, 512
MOST_SCANNED = 1 << 20
"""Bytes; the largest published ROM has 193536."""

SHORTEST_RUN = 3
"""Ids of a table stand together; a single match is chance (facts: windows-and-rom.md B.2)."""


def gop_version(data: bytes) -> str | None:
    """21.0.1056 from the UTF-16 text around the driver's name; None where there is no GOP, "" where it does not say.

    Intel's drivers keep the parts as texts of their own: the minor number before the name, build and major after it
    (facts: windows-and-rom.md B.2).
    """
    place = data.find(NAME)
    if place < 0:
        return None
    start, end = max(place - _BEFORE, 0), place + len(NAME) + _AFTER
    dotted = _DOTTED.search(data, start, end)
    if dotted:
        return dotted[0].decode("utf-16-le")
    before = _numbers(data, start, place)
    after = _numbers(data, place + len(NAME), end)
    build = next((number for number in after if len(number) == 4), None)
    major = next((number for number in after if len(number) <= 2), None)
    if build is None or major is None:
        return ""
    minor = next((number for number in reversed(before) if len(number) <= 2), "0")
    return f"{major}.{minor}.{build}"


def gop_ids(data: bytes) -> frozenset[str]:
    """Device ids of the id tables: runs of at least three known Intel graphics ids, 2, 4 or 8 bytes apart."""
    data = data[:MOST_SCANNED]
    numbers = {int(row["device"], 16) for row in table("igpu")}
    found: set[int] = set()
    for stride in (2, 4, 8):
        for phase in range(0, stride, 2):
            found |= _runs(data, phase, stride, numbers)
    return frozenset(f"{number:04x}" for number in found)


def examined(bodies: Iterable[bytes]) -> dict[str, str] | None:
    """The row of a driver that was examined already, by the sha256 of its body with or without the padding."""
    rows = {row["pe_sha256"]: row for row in table("gops")}
    for body in bodies:
        found = rows.get(hashlib.sha256(body).hexdigest())
        if found:
            return found
    return None


def helper_era(data: bytes) -> str | None:
    """A: for QEMU up to 9.1; B: for 10 and later; None: no helper that we know."""
    return era_of([mark for mark in MARKS if mark.encode() in data])


def _numbers(data: bytes, start: int, end: int) -> list[str]:
    """UTF-16 texts that are nothing but a number."""
    return [match[1].decode("utf-16-le") for match in _NUMBER.finditer(data, start, end)]


def _runs(data: bytes, phase: int, stride: int, numbers: set[int]) -> set[int]:
    count = max(len(data) - phase, 0) // 2
    words = struct.unpack(f"<{count}H", data[phase : phase + 2 * count])[:: stride // 2]
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
