"""A practice ROM: a valid PCI option ROM by form, with no Intel code in it (layout: facts/windows-and-rom.md B.1)."""

from __future__ import annotations

import struct

BLOCK = 512
LABEL = b"PRACTICE ROM of pve-igpu: no Intel code inside, shows no picture on a real machine"
ERA_MARKS = {"A": b"IgdLegacyModeDisplay SetupVmBDSM", "B": b"etc/igd-opregion"}


def build_rom(device: int, era: str, gop: str, family: list[int]) -> bytes:
    """One EFI image for 8086:`device` whose text says era, GOP version and the chip ids of `family`."""
    build, major, minor = gop.split(".")[2], gop.split(".")[0], gop.split(".")[1]
    name = (
        "Intel(R) GOP Driver".encode("utf-16-le") + b"\0\0" + f"{major}.{minor}.{build}".encode("utf-16-le") + b"\0\0"
    )
    ids = b"".join(struct.pack("<H", number) for number in sorted(family))
    stub = b"MZ" + b"\0" * 62 + LABEL + b"\0" + ERA_MARKS[era] + b"\0"
    body = _even(stub) + name + b"\0\0" + ids + b"\0\0"
    header = 0x1C + 0x1C
    blocks = -(-(header + len(body)) // BLOCK)
    pe_offset = blocks * BLOCK - len(_even(body))
    efi = struct.pack("<HHIHHH8sHH2x", 0xAA55, blocks, 0x0EF1, 0x0B, 0x8664, 0, b"\0" * 8, pe_offset, 0x1C)
    pcir = struct.pack("<4sHHHHB3sHHBBHHH", b"PCIR", 0x8086, device, 0, 0x1C, 3, b"\0\0\0", blocks, 0, 3, 0x80, 0, 0, 0)
    slack = b"\xff" * (pe_offset - len(efi) - len(pcir))
    return efi + pcir + slack + _even(body)


def _even(data: bytes) -> bytes:
    return data + b"\0" * (len(data) % 2)
