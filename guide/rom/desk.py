"""The verdict on a ROM file for one chip on one QEMU, with the reasons in words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from guide import igd
from guide.message import Message, message
from guide.rom.gop import examined, gop_ids, gop_version, helper_era
from guide.rom.kinds import Kind, kind_of
from guide.rom.parse import CODE_EFI, MACHINE_X64, MOST_BYTES, Image, parse_images, trailing_bytes
from guide.tables import table

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

    @property
    def efi_images(self) -> tuple[Image, ...]:
        return tuple(image for image in self.images if image.code == CODE_EFI)


@dataclass(frozen=True)
class RomVerdict:
    """`reasons` say why, most important first; `notes` are what else should be known."""

    fits: Fits
    reasons: tuple[Message, ...]
    sha256: str
    report: RomReport
    notes: tuple[Message, ...] = ()


def inspect(data: bytes) -> RomReport:
    """Open a file's bytes. Never raises, whatever they are."""
    digest = hashlib.sha256(data).hexdigest()
    kind = kind_of(data)
    known = next((row for row in table("roms") if row["sha256"] == digest), None)
    if kind != "option-rom":
        return RomReport(kind, digest, len(data), known=known)
    images = parse_images(data)
    bodies = [image.efi.body for image in images if image.efi and image.efi.body]
    row = examined([*bodies, *(body.rstrip(b"\xff") for body in bodies)])
    # Only the drivers count: what a stranger appended to them proves nothing.
    inside = b"".join(bodies)
    gop = next((body for body in bodies if gop_version(body) is not None), b"")
    return RomReport(
        kind,
        digest,
        len(data),
        images,
        row["version"] if row else gop_version(gop),
        frozenset(row["chips"].split()) if row else gop_ids(gop),
        helper_era(inside),
        trailing_bytes(data, images),
        known,
    )


def judge(report: RomReport, device: str, qemu: str | None) -> RomVerdict:
    """Whether the ROM fits chip `device` (4 hex digits) on this QEMU (facts: windows-and-rom.md B.2, B.4)."""
    notes = _notes(report)
    against = [*_structure(report), *_content(report, device, qemu)]
    if against:
        return RomVerdict("no", tuple(against), report.sha256, report, notes)
    doubts = _doubts(report, device)
    if doubts:
        return RomVerdict("cannot-tell", tuple(doubts), report.sha256, report, notes)
    good = message("rom.fits", chip=device, gop=report.gop or "", era=report.era or "")
    return RomVerdict("yes", (good,), report.sha256, report, notes)


def judge_file(path: str, device: str, qemu: str | None) -> RomVerdict:
    """`inspect` and `judge` for a file on the workstation; reads no more than a ROM can be long."""
    with Path(path).open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    return judge(inspect(data), device, qemu)


def _structure(report: RomReport) -> list[Message]:
    if report.kind != "option-rom":
        return [message(f"rom.{report.kind}")]
    found = []
    if report.truncated:
        found.append(message("rom.truncated", size=report.size))
    efi = report.efi_images
    if not efi:
        found.append(message("rom.no-efi-image"))
    elif not any(image.efi and image.efi.machine == MACHINE_X64 for image in efi):
        found.append(message("rom.not-x64"))
    elif not report.truncated and any(image.efi is None or image.efi.body is None for image in efi):
        found.append(message("rom.broken-image"))
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
    if any(image.efi and image.efi.compressed for image in report.images):
        found.append(message("rom.compressed"))
    elif report.gop is None:
        found.append(message("rom.no-gop"))
    elif not report.chips:
        found.append(message("rom.no-chip-list", chip=device))
    if report.era is None and not found:
        found.append(message("rom.no-helper"))
    return found


def _notes(report: RomReport) -> tuple[Message, ...]:
    found = []
    if report.known:
        row = report.known
        found.append(message("rom.known", name=row["name"], source=row["source"], use=row["use"]))
        found.append(message("rom.licence", licence=row["licence"]))
    elif report.kind == "option-rom":
        found.append(message("rom.not-known"))
    if report.trailing:
        found.append(message("rom.trailing", count=report.trailing))
    if any(image.vendor != 0x8086 for image in report.images):
        found.append(message("rom.other-vendor"))
    return tuple(found)
