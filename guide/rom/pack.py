"""An option ROM from EFI drivers, laid out as EDK2's EfiRom does (facts: windows-and-rom.md B.1).

Header of 0x1A bytes, two bytes of padding, PCIR of revision 3 at 0x1C, then 0xFF up to the driver, which ends at the
end of the last block. No checksum.
"""

from __future__ import annotations

import struct

from guide.rom.parse import BLOCK, CODE_EFI, MACHINE_X64

INTEL = 0x8086
BOOT_SERVICE_DRIVER = 0x0B
_HEADER = struct.Struct("<HHIHHH8sHH2x")
_PCIR = struct.Struct("<4sHHHHB3sHHBBHHH")


def pack(drivers: list[bytes], device: int, vendor: int = INTEL) -> bytes:
    """One image per driver, in this order. Raises ValueError where a driver is empty or too long for its field."""
    last = len(drivers) - 1
    return b"".join(_image(driver, vendor, device, number == last) for number, driver in enumerate(drivers))


def _image(driver: bytes, vendor: int, device: int, is_last: bool) -> bytes:
    head = _HEADER.size + _PCIR.size
    blocks = -(-(head + len(driver)) // BLOCK)
    start = blocks * BLOCK - len(driver)
    if not driver or start > 0xFFFF or blocks > 0xFFFF:
        raise ValueError("a driver must have between 1 byte and 32 MiB")
    machine = int.from_bytes(driver[_pe(driver) + 4 : _pe(driver) + 6], "little") or MACHINE_X64
    header = _HEADER.pack(0xAA55, blocks, 0x0EF1, BOOT_SERVICE_DRIVER, machine, 0, bytes(8), start, _HEADER.size)
    indicator = 0x80 if is_last else 0
    pcir = _PCIR.pack(b"PCIR", vendor, device, 0, _PCIR.size, 3, bytes(3), blocks, 0, CODE_EFI, indicator, 0, 0, 0)
    return header + pcir + b"\xff" * (start - head) + driver


def _pe(driver: bytes) -> int:
    place = int.from_bytes(driver[0x3C:0x40], "little")
    return place if driver[place : place + 4] == b"PE\0\0" else len(driver)
