"""What a ROM file is, line by line, for the window, the terminal and the report."""

from __future__ import annotations

from guide.message import Message, message
from guide.rom.desk import RomReport
from guide.rom.parse import CODE_EFI, CODE_LEGACY, Image

_CODES = {CODE_LEGACY: "x86", CODE_EFI: "EFI"}


def describe(report: RomReport) -> tuple[tuple[Message, str], ...]:
    """(label, the file's own value) pairs; the verdict is not among them."""
    lines = [(message("rom.line.size"), f"{report.size} B"), (message("rom.line.sha256"), report.sha256)]
    for number, image in enumerate(report.images, 1):
        lines.append((message("rom.line.image", number=number), _image(image)))
    if report.kind == "option-rom":
        lines += [
            (message("rom.line.gop"), report.gop or "-"),
            (message("rom.line.chips"), " ".join(sorted(report.chips)) or "-"),
            (message("rom.line.era"), {"A": "A: QEMU <= 9.1", "B": "B: QEMU >= 10"}.get(report.era or "", "-")),
        ]
    return tuple(lines)


def _image(image: Image) -> str:
    code = _CODES.get(image.code, f"code {image.code}")
    machine = f" machine {image.efi.machine:04x}" if image.efi else ""
    packed = " compressed" if image.efi and image.efi.compressed else ""
    ids = f"[{image.vendor:04x}:{image.device:04x}]"
    return f"{code}{machine}{packed} {ids} 0x{image.offset:x}+{image.size}{'' if image.complete else ' !'}"
