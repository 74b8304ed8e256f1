"""The graphics driver inside a BIOS image: UEFI firmware volumes, walked without trusting a length.

Volumes hold files, files hold sections, sections may be packed (LZMA) or hold sections again; the driver is the PE32
section whose text holds "Intel(R) GOP Driver" (facts: windows-and-rom.md B.5; UEFI PI specification, volume 3).
Budgets bound the work, so that a bomb ends as "not found".
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from dataclasses import dataclass, field

from guide.rom.gop import NAME

MOST_BYTES = 64 << 20
MOST_UNPACKED = 192 << 20
MOST_SECTIONS = 100_000
DEEPEST = 12

_LZMA = bytes.fromhex("98584eee143959429d6edc7bd79403cf")
_CRC32 = bytes.fromhex("b0cd1bfc317daa49936aa4600d9dd083")
_FFS = (bytes.fromhex("78e58c8c3d8a1c4f9935896185c32dd3"), bytes.fromhex("7ac07354cb3dca4dbd6f1e9689e7349a"))
"""GUIDs as they lie in the file: EE4E5898-3914-4259-9D6E-DC7BD79403CF, FC1BCDB0-..., and EFI firmware file systems."""

_COMPRESSION, _GUIDED, _PE32, _VOLUME, _RAW, _FREEFORM = 0x01, 0x02, 0x10, 0x17, 0x19, 0x18
_HOLDERS = (_VOLUME, _RAW, _FREEFORM)


@dataclass
class _Budget:
    sections: int = MOST_SECTIONS
    unpacked: int = MOST_UNPACKED
    unknown: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Search:
    """`drivers`: the bodies found, without double ones. `locked`: packed by a method that is not read here."""

    drivers: tuple[bytes, ...]
    locked: bool


def find_gop(data: bytes) -> Search:
    """All Intel GOP drivers in a BIOS image of at most 64 MiB. Never raises."""
    budget = _Budget()
    found: dict[bytes, None] = {}
    for body in _volumes(data[:MOST_BYTES], budget, 0):
        if NAME in body:
            found.setdefault(body)
    return Search(tuple(found), bool(budget.unknown))


def _volumes(data: bytes, budget: _Budget, depth: int) -> Iterator[bytes]:
    """Every volume by its signature `_FVH`, which stands 40 bytes after its start."""
    place = data.find(b"_FVH")
    while place >= 0 and depth <= DEEPEST and budget.sections > 0:
        budget.sections -= 1
        start = place - 40
        following = place + 4
        if start >= 0:
            size = int.from_bytes(data[start + 32 : start + 40], "little")
            header = int.from_bytes(data[start + 48 : start + 50], "little")
            end = start + size
            if data[start + 16 : start + 32] in _FFS and 56 <= header < size and end <= len(data):
                yield from _files(data[start + header : end], budget, depth)
                following = end
        place = data.find(b"_FVH", following)


def _files(data: bytes, budget: _Budget, depth: int) -> Iterator[bytes]:
    """Files stand at multiples of 8 from the start of the volume's body (its header is a multiple of 8 long)."""
    place = 0
    while place + 24 <= len(data) and budget.sections > 0:
        budget.sections -= 1
        size, head = int.from_bytes(data[place + 20 : place + 23], "little"), 24
        if size == 0xFFFFFF and place + 32 <= len(data):
            size, head = int.from_bytes(data[place + 24 : place + 32], "little"), 32
        if size < head or place + size > len(data):
            if data[place : place + 24].strip(b"\xff"):
                return
            place += 8
            continue
        body = data[place + head : place + size]
        yield from _sections(body, budget, depth + 1)
        place += (size + 7) & ~7


def _sections(data: bytes, budget: _Budget, depth: int) -> Iterator[bytes]:
    place = 0
    while place + 4 <= len(data) and depth <= DEEPEST and budget.sections > 0:
        budget.sections -= 1
        size, kind, head = int.from_bytes(data[place : place + 3], "little"), data[place + 3], 4
        if size == 0xFFFFFF and place + 8 <= len(data):
            size, head = int.from_bytes(data[place + 4 : place + 8], "little"), 8
        if size < head or place + size > len(data):
            return
        body = data[place + head : place + size]
        if kind == _PE32:
            yield body
        elif kind == _GUIDED:
            yield from _guided(data[place : place + size], head, budget, depth)
        elif kind == _COMPRESSION:
            yield from _compressed(body, budget, depth)
        elif kind in _HOLDERS:
            yield from _held(body, kind, budget, depth)
        place += (size + 3) & ~3


def _held(body: bytes, kind: int, budget: _Budget, depth: int) -> Iterator[bytes]:
    """A volume inside, or a driver that AMI keeps raw or as free form after a GUID."""
    if b"_FVH" in body[:64] or kind == _VOLUME:
        yield from _volumes(body, budget, depth + 1)
        return
    start = body.find(b"MZ", 0, 64)
    if start >= 0:
        yield body[start:]


def _guided(section: bytes, head: int, budget: _Budget, depth: int) -> Iterator[bytes]:
    guid = section[head : head + 16]
    start = int.from_bytes(section[head + 16 : head + 18], "little")
    if not head + 20 <= start <= len(section):
        return
    if guid == _LZMA:
        yield from _sections(_unpack(section[start:], budget), budget, depth + 1)
    elif guid == _CRC32:
        yield from _sections(section[start:], budget, depth + 1)
    else:
        budget.unknown.add(guid.hex())


def _compressed(body: bytes, budget: _Budget, depth: int) -> Iterator[bytes]:
    """A compression section: 0 stored, 1 EFI's own method (not read here)."""
    if len(body) >= 5 and body[4] == 0:
        yield from _sections(body[5:], budget, depth + 1)
    else:
        budget.unknown.add("efi-compression")


def _unpack(data: bytes, budget: _Budget) -> bytes:
    """LZMA with the length in its header; no more than the budget allows is ever unpacked."""
    try:
        unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_ALONE, memlimit=256 << 20)
        result = unpacker.decompress(data, max_length=max(budget.unpacked, 0))
    except (lzma.LZMAError, MemoryError, EOFError):
        return b""
    budget.unpacked -= len(result)
    return result
