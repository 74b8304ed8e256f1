"""Make-your-own: the graphics driver of the machine's own BIOS and a helper, packed into one ROM."""

from __future__ import annotations

from dataclasses import dataclass

from guide.errors import GopLocked, NoBios, NoGop, NoHelper
from guide.rom.firmware import find_gop
from guide.rom.gop import NAME, gop_ids, gop_version, helper_era
from guide.rom.kinds import kind_of
from guide.rom.pack import pack
from guide.rom.parse import CODE_EFI, parse_images


@dataclass(frozen=True)
class Made:
    """`others`: versions of further drivers in the same BIOS that know the chip less well."""

    rom: bytes
    gop: str
    knows_chip: bool | None
    others: tuple[str, ...]


def make_rom(firmware: bytes, helper: bytes, device: str) -> Made:
    """A ROM for chip `device` (4 hex digits): the helper first, then the GOP out of `firmware`.

    `firmware`: a BIOS image, an EFI driver, or a ROM that holds the GOP; `helper`: an EFI driver or a helper-only ROM.
    Raises one of the `RomNotMade` errors.
    """
    drivers = _drivers(firmware)
    best = max(drivers, key=lambda driver: (device in gop_ids(driver), len(gop_ids(driver))))
    known = gop_ids(best)
    others = tuple(gop_version(driver) or "?" for driver in drivers if driver is not best)
    rom = pack([*_helpers(helper), best], int(device, 16))
    return Made(rom, gop_version(best) or "?", (device in known) if known else None, others)


def _drivers(firmware: bytes) -> list[bytes]:
    """GOP drivers, wherever they are."""
    kind = kind_of(firmware)
    if kind == "efi-driver" and NAME in firmware:
        return [firmware]
    if kind == "option-rom":
        bodies = [image.efi.body for image in parse_images(firmware) if image.efi and image.efi.body]
        found = [body for body in bodies if NAME in body]
        if found:
            return found
        raise NoGop
    if kind != "bios-image":
        raise NoBios
    search = find_gop(firmware)
    if not search.drivers:
        raise GopLocked if search.locked else NoGop
    return list(search.drivers)


def _helpers(helper: bytes) -> list[bytes]:
    kind = kind_of(helper)
    bodies = [helper] if kind == "efi-driver" else []
    if kind == "option-rom":
        images = [image for image in parse_images(helper) if image.code == CODE_EFI and image.complete]
        bodies = [image.efi.body for image in images if image.efi and image.efi.body and not image.efi.compressed]
    found = [body for body in bodies if NAME not in body]
    if not found or not any(helper_era(body) for body in found):
        raise NoHelper
    return found
