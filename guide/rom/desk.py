"""The verdict on a ROM file for one chip on one QEMU, with the reasons in words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from guide import igd
from guide.message import Message, message
from guide.rom.gop import gop_ids, gop_version, helper_era
from guide.rom.parse import CODE_EFI, MOST_BYTES, Image, parse_images, trailing_bytes
from guide.tables import table

Kind = Literal["option-rom", "html", "zip", "bios-image", "empty", "too-large", "unknown"]
Fits = Literal["yes", "no", "cannot-tell"]


@dataclass(frozen=True)
class RomReport:
    """What a file is. `known` is its row in the table of published ROMs, by sha256."""

    kind: Kind
    sha256: str
    size: int
    images: tuple[Image, ...] = ()
    gop: str | None = None
    chips: frozenset[str] = frozenset()
    era: str | None = None
    trailing: int = 0
    known: dict[str, str] | None = None

    @property
    def truncated(self) -> bool:
        return any(not image.complete for image in self.images)


@dataclass(frozen=True)
class RomVerdict:
    """`reasons` say why, most important first."""

    fits: Fits
    reasons: tuple[Message, ...]
    sha256: str
    report: RomReport


def inspect(data: bytes) -> RomReport:
    """Open a file's bytes. Never raises, whatever they are."""
    digest = hashlib.sha256(data).hexdigest()
    kind = _kind(data)
    if kind != "option-rom":
        return RomReport(kind, digest, len(data))
    images = parse_images(data)
    return RomReport(
        kind,
        digest,
        len(data),
        images,
        gop_version(data),
        gop_ids(data),
        helper_era(data),
        trailing_bytes(data, images),
        next((row for row in table("roms") if row["sha256"] == digest), None),
    )


def judge(report: RomReport, device: str, qemu: str | None) -> RomVerdict:
    """Whether the ROM fits chip `device` (4 hex digits) on this QEMU (facts: windows-and-rom.md B.2, B.4)."""
    against = [*_structure(report), *_content(report, device, qemu)]
    if against:
        return RomVerdict("no", tuple(against), report.sha256, report)
    doubts = _doubts(report, device)
    if doubts:
        return RomVerdict("cannot-tell", tuple(doubts), report.sha256, report)
    good = message("rom.fits", chip=device, gop=report.gop or "", era=report.era or "")
    return RomVerdict("yes", (good,), report.sha256, report)


def judge_file(path: str, device: str, qemu: str | None) -> RomVerdict:
    """`inspect` and `judge` for a file on the workstation; reads no more than a ROM can be long."""
    with Path(path).open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    return judge(inspect(data), device, qemu)


def _kind(data: bytes) -> Kind:
    head = data[:512].lstrip().lower()
    if not data.strip(b"\x00\xff"):
        return "empty"
    if len(data) > MOST_BYTES:
        return "too-large"
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"{")):
        return "html"
    if data.startswith((b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        return "zip"
    if parse_images(data):
        return "option-rom"
    return "bios-image" if b"_FVH" in data else "unknown"


def _structure(report: RomReport) -> list[Message]:
    if report.kind != "option-rom":
        return [message(f"rom.{report.kind}")]
    found = []
    if report.truncated:
        found.append(message("rom.truncated", size=report.size))
    if not any(image.code == CODE_EFI for image in report.images):
        found.append(message("rom.no-efi-image"))
    return found


def _content(report: RomReport, device: str, qemu: str | None) -> list[Message]:
    found = []
    wanted = igd.decide(device, qemu).rom_era
    if report.chips and device not in report.chips:
        found.append(message("rom.chip-unknown", chip=device, gop=report.gop or ""))
    if report.era and wanted and report.era != wanted:
        found.append(message(f"rom.era-{report.era.lower()}", qemu=qemu or ""))
    return found


def _doubts(report: RomReport, device: str) -> list[Message]:
    found = []
    if report.gop is None:
        found.append(message("rom.no-gop"))
    elif not report.chips:
        found.append(message("rom.no-chip-list", chip=device))
    if report.era is None:
        found.append(message("rom.no-helper"))
    return found
