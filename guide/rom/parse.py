"""PCI option ROMs, read without trusting a single length (format: facts/windows-and-rom.md B.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

CODE_LEGACY, CODE_EFI = 0, 3
MACHINE_X64 = 0x8664
BLOCK = 512
MOST_IMAGES = 32
MOST_BYTES = 16 << 20
"""A ROM of more than 16 MiB is no ROM: QEMU maps it into a 32-bit BAR."""

_EFI_SIGNATURE = 0x0EF1
_SHORTEST_PCIR = 0x18


@dataclass(frozen=True)
class EfiPart:
    """The EFI header of an image. `body`: the driver as it lies in the file; None where its place is impossible."""

    machine: int
    subsystem: int
    compressed: bool
    body: bytes | None


@dataclass(frozen=True)
class Image:
    """One image of the ROM. `code`: 0 legacy x86, 3 EFI; `size`: bytes as declared; `complete`: all are there."""

    offset: int
    size: int
    code: int
    vendor: int
    device: int
    last: bool
    complete: bool
    efi: EfiPart | None = None


def parse_images(data: bytes) -> tuple[Image, ...]:
    """The images from the start on; stops at the first that is none. Empty: this is no option ROM."""
    images: list[Image] = []
    offset = 0
    while len(images) < MOST_IMAGES:
        image = _image(data, offset)
        if image is None:
            break
        images.append(image)
        if image.last or image.size == 0:
            break
        offset += image.size
    return tuple(images)


def trailing_bytes(data: bytes, images: tuple[Image, ...]) -> int:
    """Bytes after the last image that are not padding."""
    if not images:
        return 0
    end = images[-1].offset + images[-1].size
    return len(data[end:].strip(b"\x00\xff"))


def _image(data: bytes, offset: int) -> Image | None:
    if data[offset : offset + 2] != b"\x55\xaa" or offset + 0x1A > len(data):
        return None
    (pointer,) = struct.unpack_from("<H", data, offset + 0x18)
    place = offset + pointer
    if pointer < 0x1A or place + _SHORTEST_PCIR > len(data) or data[place : place + 4] != b"PCIR":
        return None
    vendor, device = struct.unpack_from("<HH", data, place + 4)
    (blocks,) = struct.unpack_from("<H", data, place + 0x10)
    code, indicator = data[place + 0x14], data[place + 0x15]
    size = blocks * BLOCK
    efi = _efi(data, offset, size) if code == CODE_EFI else None
    complete = size > 0 and offset + size <= len(data)
    return Image(offset, size, code, vendor, device, bool(indicator & 0x80), complete, efi)


def _efi(data: bytes, offset: int, size: int) -> EfiPart | None:
    """None where the image says EFI and has no EFI header."""
    if offset + 0x18 > len(data):
        return None
    blocks, signature, subsystem, machine, compression = struct.unpack_from("<HIHHH", data, offset + 2)
    (start,) = struct.unpack_from("<H", data, offset + 0x16)
    if signature != _EFI_SIGNATURE:
        return None
    end = offset + min(size, blocks * BLOCK or size)
    fits = 0x1A <= start < end - offset and end <= len(data)
    return EfiPart(machine, subsystem, compression != 0, data[offset + start : end] if fits else None)
