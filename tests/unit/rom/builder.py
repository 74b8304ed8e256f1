"""Makes ROMs, drivers and BIOS images for the tests from recipes. No code of anybody is inside."""

from __future__ import annotations

import lzma
import struct
import zlib
from typing import Any
from uuid import UUID

from guide.rom.pack import pack

NAME = "Intel(R) GOP Driver"
FFS2 = UUID("8c8ce578-8a3d-4f1c-9935-896185c32dd3").bytes_le
LZMA = UUID("ee4e5898-3914-4259-9d6e-dc7bd79403cf").bytes_le
TIANO = UUID("a31280ad-481e-41b6-95e8-127f4c984779").bytes_le
HELPERS = {"A": b"IgdLegacyModeDisplay", "A-open": b"etc/igd-opregion\0etc/igd-bdsm-size", "B": b"etc/igd-opregion"}


def driver(text: bytes, subsystem: int = 0x0B, machine: int = 0x8664) -> bytes:
    """A PE file by form: DOS header, PE header, then `text`."""
    dos = b"MZ" + bytes(0x3A) + struct.pack("<I", 0x40)
    pe = b"PE\0\0" + struct.pack("<H", machine) + bytes(0x5C - 6) + struct.pack("<H", subsystem) + bytes(0x62)
    body = dos + pe + text
    return body + bytes(-len(body) % 8)


def helper(era: str) -> bytes:
    return driver(b"\0" + HELPERS[era] + b"\0")


def gop(version: str, chips: list[int], layout: str = "separate") -> bytes:
    """`separate`: as Intel's drivers have it, minor before the name, build and major after it."""
    major, minor, build = version.split(".")
    if layout == "dotted":
        words = [NAME, version]
    elif layout == "nameless":
        words = [NAME]
    else:
        words = [minor, NAME, build, major]
    text = b"".join(word.encode("utf-16-le") + b"\0\0" for word in words)
    ids = b"".join(struct.pack("<H", chip) for chip in chips)
    return driver(text + bytes(16) + ids + bytes(16))


def rom(recipe: dict[str, Any]) -> bytes:
    """See the cases: parts, device, edits (offset, hex), cut, append."""
    drivers = []
    for part in recipe["parts"]:
        chips = [int(chip, 16) for chip in part.get("chips", [])]
        machine = part.get("machine", 0x8664)
        if "helper" in part:
            drivers.append(driver(b"\0" + HELPERS[part["helper"]] + b"\0", machine=machine))
        elif "gop" in part:
            drivers.append(gop(part["gop"], chips, part.get("layout", "separate")))
        else:
            drivers.append(driver(b"\0nothing\0"))
    data = bytearray(pack(drivers, int(recipe.get("device", "46d1"), 16), int(recipe.get("vendor", "8086"), 16)))
    for place, words in recipe.get("edits", []):
        new = bytes.fromhex(words)
        data[place : place + len(new)] = new
    return bytes(data[: recipe.get("cut", len(data))]) + bytes.fromhex(recipe.get("append", ""))


def section(kind: int, body: bytes) -> bytes:
    size = len(body) + 4
    return struct.pack("<I", size | kind << 24) + body + bytes(-size % 4)


def ffs_file(body: bytes) -> bytes:
    size = len(body) + 24
    head = bytes(16) + b"\0\xaa" + b"\x07\0" + size.to_bytes(3, "little") + b"\xf8"
    return head + body + b"\xff" * (-size % 8)


def volume(body: bytes, padding: int = 64) -> bytes:
    size = 72 + len(body) + padding
    head = bytes(16) + FFS2 + struct.pack("<Q", size) + b"_FVH" + bytes(4) + struct.pack("<HHHBB", 72, 0, 0, 0, 2)
    return head + bytes(72 - len(head)) + body + b"\xff" * padding


def lzma_section(body: bytes) -> bytes:
    packed = lzma.compress(body, format=lzma.FORMAT_ALONE, preset=1)
    return section(0x02, LZMA + struct.pack("<HH", 24, 1) + packed)


def tiano_section(body: bytes) -> bytes:
    return section(0x02, TIANO + struct.pack("<HH", 24, 1) + zlib.compress(body))


def bios(drivers: list[bytes], packed: str = "lzma", size: int = 1 << 20) -> bytes:
    """A flash image: descriptor, blank space, and a volume with the drivers inside a packed volume."""
    inner = volume(b"".join(ffs_file(section(0x10, body) + section(0x15, b"G\0o\0p\0\0\0")) for body in drivers))
    held = section(0x17, inner)
    wrapped = {"lzma": lzma_section, "tiano": tiano_section, "none": lambda body: body}[packed](held)
    outer = volume(ffs_file(wrapped))
    head = b"\xff" * 16 + b"\x5a\xa5\xf0\x0f" + b"\xff" * (4096 - 20)
    return head + outer + b"\xff" * max(size - len(head) - len(outer), 0)
