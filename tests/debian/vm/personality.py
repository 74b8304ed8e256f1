"""PCI functions that the machine shows as an N100's graphics and audio: the far end of QEMU's x-pci-proxy-dev.

    python -m tests.debian.vm.personality FD_OF_GRAPHICS FD_OF_AUDIO

The link (QEMU: include/hw/remote/mpqemu-link.h, hw/remote/proxy.c): a header of 16 bytes (int command, padding,
uint64 size of the body), then the body; everything but two commands is answered by RETURN and 64 bits. Passive
functions: registers keep what was written, nothing interrupts.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
from dataclasses import dataclass, field

SYNC_MEMORY, RETURN, CONFIG_WRITE, CONFIG_READ, BAR_WRITE, BAR_READ, SET_IRQ, RESET = range(8)
HEADER = struct.Struct("<i4xQ")
CONFIG = struct.Struct("<IIi")
BAR = struct.Struct("<QQI?")

COMMAND, BAR_0, SUBSYSTEM, CAPABILITY, INTERRUPT = 0x04, 0x10, 0x2C, 0x34, 0x3C
POWER = 0xD0
"""Place of the power management capability: vfio-pci wants to put the function to sleep."""

ASLS = 0xFC
"""Where the graphics' firmware leaves the physical address of the OpRegion."""
OPREGION_BAR, OPREGION_AT = 2, 0x0FFFE000
"""The OpRegion lies at the end of the aperture: memory of ours that the host can map."""


def opregion() -> bytes:
    """8 KiB: signature, size in KiB, version 2.0 (linux: drivers/vfio/pci/vfio_pci_igd.c reads these)."""
    return struct.pack("<16sII", b"IntelGraphicsMem", 8, 0x02000000).ljust(8192, b"\0")


@dataclass
class Function:
    """`bars`: number -> size in bytes, memory, 32 bit; `registers`: read-only bytes of the configuration space."""

    device: int
    class_code: int
    bars: dict[int, int]
    registers: dict[int, bytes] = field(default_factory=dict)
    opregion: bytes = b""

    def __post_init__(self) -> None:
        self.space = bytearray(256)
        self.writable = bytearray(256)
        self.memory: dict[tuple[int | None, int], int] = {}
        struct.pack_into("<HH", self.space, 0, 0x8086, self.device)
        struct.pack_into("<I", self.space, 0x08, self.class_code << 8)
        struct.pack_into("<HH", self.space, SUBSYSTEM, 0x8086, 0x7270)
        struct.pack_into("<H", self.writable, COMMAND, 0x0547)
        self.space[INTERRUPT + 1] = 1
        self.writable[INTERRUPT] = 0xFF
        for number, size in self.bars.items():
            struct.pack_into("<I", self.writable, BAR_0 + 4 * number, -size & 0xFFFFFFF0)
        self.space[0x06] = 0x10
        self.space[CAPABILITY] = POWER
        struct.pack_into("<BBH", self.space, POWER, 0x01, 0, 0x0003)
        struct.pack_into("<H", self.writable, POWER + 4, 0x0003)
        for offset, data in self.registers.items():
            self.space[offset : offset + len(data)] = data

    def reset(self) -> None:
        """What a restart of the machine does: the function no longer answers until it is set up again."""
        struct.pack_into("<H", self.space, COMMAND, 0)

    def read_config(self, offset: int, size: int) -> int:
        if self.opregion and offset == ASLS:
            return (self._base(OPREGION_BAR) + OPREGION_AT) & ((1 << 8 * size) - 1)
        return int.from_bytes(self.space[offset : offset + size], "little")

    def write_config(self, offset: int, size: int, value: int) -> None:
        for place, byte in enumerate((value & ((1 << 8 * size) - 1)).to_bytes(size, "little"), offset):
            mask = self.writable[place]
            self.space[place] = self.space[place] & ~mask | byte & mask

    def read_memory(self, address: int, size: int) -> int:
        number, offset = self._place(address)
        if self.opregion and number == OPREGION_BAR and offset >= OPREGION_AT:
            start = offset - OPREGION_AT
            return int.from_bytes(self.opregion[start : start + size], "little")
        return self.memory.get((number, offset), 0)

    def write_memory(self, address: int, value: int) -> None:
        self.memory[self._place(address)] = value

    def _base(self, number: int) -> int:
        return int(struct.unpack_from("<I", self.space, BAR_0 + 4 * number)[0]) & 0xFFFFFFF0

    def _place(self, address: int) -> tuple[int | None, int]:
        for number, size in self.bars.items():
            if self._base(number) <= address < self._base(number) + size:
                return number, address - self._base(number)
        return None, address


def graphics() -> Function:
    """8086:46d1. GGC (0x50) and BDSM (0x5c): 64 MiB of stolen memory, as QEMU's legacy mode wants to see it."""
    registers = {0x50: struct.pack("<H", 0x02C0), 0x5C: struct.pack("<I", 0x7B800000)}
    return Function(0x46D1, 0x030000, {0: 16 << 20, 2: 256 << 20}, registers, opregion())


def audio() -> Function:
    """8086:54c8."""
    return Function(0x54C8, 0x040300, {0: 16 << 10, 4: 1 << 20})


def serve(function: Function, link: socket.socket) -> None:
    """Answer until the machine is gone. With the link closed, QEMU says so; else it would wait for ever."""
    with link:
        while header := _receive(link, HEADER.size):
            command, size = HEADER.unpack(header)
            body = _receive(link, size)
            if command not in (SYNC_MEMORY, SET_IRQ):
                link.sendall(HEADER.pack(RETURN, 8) + struct.pack("<Q", _answer(function, command, body)))


def _answer(function: Function, command: int, body: bytes) -> int:
    if command in (CONFIG_READ, CONFIG_WRITE):
        offset, value, size = CONFIG.unpack_from(body)
        if command == CONFIG_READ:
            return function.read_config(offset, size)
        function.write_config(offset, size, value)
    elif command in (BAR_READ, BAR_WRITE):
        address, value, size, _ = BAR.unpack_from(body)
        if command == BAR_READ:
            return function.read_memory(address, size)
        function.write_memory(address, value)
    elif command == RESET:
        function.reset()
    return 0


def _receive(link: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes, or nothing at the end. Descriptors that come along (the machine's memory) are closed."""
    data = b""
    while len(data) < size:
        more, descriptors, _, _ = socket.recv_fds(link, size - len(data), 8)
        for descriptor in descriptors:
            socket.close(descriptor)
        if not more:
            return b""
        data += more
    return data


def main() -> None:
    functions = (graphics(), audio())
    links = [socket.socket(fileno=int(word)) for word in sys.argv[1:]]
    threads = [threading.Thread(target=serve, args=pair) for pair in zip(functions, links, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
