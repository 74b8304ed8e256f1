"""Tiny ISO files: a valid ISO 9660 volume descriptor and nothing behind it."""

from __future__ import annotations

SECTOR = 2048


def build_iso(label: str, sectors: int = 64) -> bytes:
    """An ISO of `sectors` sectors whose volume is called `label` (at most 32 characters)."""
    primary = bytearray(SECTOR)
    primary[0:7] = b"\x01CD001\x01"
    primary[8:40] = b"PRACTICE".ljust(32)
    primary[40:72] = label.encode("ascii")[:32].ljust(32)
    primary[80:88] = sectors.to_bytes(4, "little") + sectors.to_bytes(4, "big")
    end = bytearray(SECTOR)
    end[0:7] = b"\xffCD001\x01"
    return bytes(SECTOR * 16) + bytes(primary) + bytes(end) + bytes(SECTOR * (sectors - 18))
