"""What a file is that is meant as a ROM and is none: named, so that the person knows what went wrong."""

from __future__ import annotations

from typing import Literal

from guide.rom.parse import MOST_BYTES, parse_images

Kind = Literal[
    "option-rom",
    "html",
    "archive",
    "bios-image",
    "empty",
    "too-large",
    "program",
    "efi-driver",
    "vbt",
    "text",
    "picture",
    "unknown",
]

_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"MSCF", "archive"),
    (b"$VBT", "vbt"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"BM", "picture"),
    (b"%PDF", "text"),
)
"""Magic numbers of file(1)."""

_HTML = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")
_EFI_SUBSYSTEMS = (10, 11, 12)
"""PE: EFI application, boot service driver, runtime driver."""


def kind_of(data: bytes) -> Kind:
    """Never raises; looks at no more than a few kilobytes, and once for firmware volumes."""
    if not data or not data.strip(b"\x00\xff"):
        return "empty"
    if _is_bios(data):
        return "bios-image"
    if len(data) > MOST_BYTES:
        return "too-large"
    if data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML):
        return "html"
    if parse_images(data):
        return "option-rom"
    if data.startswith(b"MZ"):
        return "efi-driver" if _subsystem(data) in _EFI_SUBSYSTEMS else "program"
    known = next((kind for start, kind in _STARTS if data.startswith(start)), None)
    if known:
        return known
    return "text" if _is_text(data[:2048]) else "unknown"


def _is_bios(data: bytes) -> bool:
    """Intel's flash descriptor, an AMI or Insyde capsule, or a firmware volume; an option ROM holds none of them."""
    descriptor = data[0x10:0x14] == b"\x5a\xa5\xf0\x0f" or data[:4] == b"\x5a\xa5\xf0\x0f"
    return descriptor or (len(data) >= 1 << 18 and b"_FVH" in data)


def _subsystem(data: bytes) -> int:
    place = int.from_bytes(data[0x3C:0x40], "little")
    if data[place : place + 4] != b"PE\0\0":
        return 0
    return int.from_bytes(data[place + 0x5C : place + 0x5E], "little")


def _is_text(head: bytes) -> bool:
    try:
        words = head.decode("utf-8")
    except UnicodeDecodeError as error:
        words = head[: error.start].decode("utf-8") if error.start > len(head) - 4 else ""
    return bool(words) and all(letter.isprintable() or letter in "\r\n\t" for letter in words)
