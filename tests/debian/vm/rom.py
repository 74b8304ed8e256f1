"""A ROM that can be seen to run: a legacy image that writes a line to SeaBIOS' debug port, before a practice ROM."""

from __future__ import annotations

import struct

BLOCK = 512
DEBUG_PORT = 0x402
SAYS = "practice ROM 8086:46d1 was run"


def with_legacy_image(practice_rom: bytes, device: int = 0x46D1) -> bytes:
    """The practice ROM's own EFI image stays the last one, so that the ROM is judged as before."""
    code = b"\x50\x52\xba" + struct.pack("<H", DEBUG_PORT)
    code += b"".join(b"\xb0" + bytes([letter]) + b"\xee" for letter in f"{SAYS}\n".encode())
    code += b"\x5a\x58\xcb"
    pcir = struct.pack("<4sHHHHB3sHHBBHHH", b"PCIR", 0x8086, device, 0, 0x1C, 3, b"\0\0\3", 1, 0, 0, 0, 0, 0, 0)
    head = b"\x55\xaa\x01" + b"\xe9" + struct.pack("<H", 0x40 - 6)
    image = bytearray(head.ljust(0x18, b"\0") + struct.pack("<HH", 0x1C, 0) + pcir)
    image = bytearray(bytes(image).ljust(0x40, b"\0") + code)
    assert len(image) < BLOCK, len(image)
    image = bytearray(bytes(image).ljust(BLOCK, b"\0"))
    image[-1] = -sum(image) & 0xFF
    return bytes(image) + practice_rom
