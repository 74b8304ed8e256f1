"""`qm start` on a real host: QEMU itself, with the devices of qemu-server's command line, without KVM."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from practice.qemu import QemuRefused

QEMU = "/usr/bin/qemu-system-x86_64"
MEMORY = "64"
"""MiB: SeaBIOS needs no more, and vfio pins all of it."""

FIRMWARE_LOG = "/var/log/pve-stand-ins/firmware-{vmid}.log"
PATIENCE, GOING = 120.0, 10.0
"""Seconds for its start, and for its end once its monitor is gone."""

VALUED = frozenset(
    [
        "-id",
        "-name",
        "-chardev",
        "-mon",
        "-pidfile",
        "-smbios",
        "-drive",
        "-smp",
        "-boot",
        "-vga",
        "-vnc",
        "-cpu",
        "-m",
        "-object",
        "-device",
        "-netdev",
        "-rtc",
        "-machine",
        "-global",
        "-set",
    ]
)
"""Options of qemu-server's command line that take a value; the others stand alone."""

LEFT_OUT = {
    "-id": "an option of Proxmox' own patches",
    "-drive": "SeaBIOS stands in for OVMF, because it logs what it finds; nothing is booted from a disk",
    "-netdev": "there is no pve-bridge script to attach the card",
    "-object": "only for the I/O thread of a disk",
    "-cpu": "host and hv_* exist with KVM only",
    "-smp": "one is enough for the firmware",
    "-m": "MEMORY",
    "-rtc": "driftfix is KVM's",
    "-global": "kvm-pit is KVM's",
    "-pidfile": "the daemon holds the process itself",
    "-daemonize": "as -pidfile",
    "-nographic": "-display none is the same without taking the terminal",
    "-vnc": "as -nographic",
}
"""Option -> why the real QEMU is started without it."""

KEPT_DEVICES = ("vfio-pci", "pci-bridge", "vmgenid", "piix3-usb-uhci", "usb-tablet", "VGA")
"""The others hang on what is left out."""


def words(command: list[str], vmid: int) -> list[str]:
    """The command line for the real QEMU, from qemu-server's (without the program)."""
    kept: list[str] = []
    rest = list(command[1:])
    while rest:
        option = rest.pop(0)
        value = rest.pop(0) if option in VALUED else None
        if option in LEFT_OUT or not _wanted(option, value or ""):
            continue
        if option == "-machine":
            # Debian's QEMU does not know Proxmox' own machine versions.
            value = re.sub(r"\+pve\d+", "", value or "")
        kept += [option] if value is None else [option, value]
    log = FIRMWARE_LOG.format(vmid=vmid)
    own = ["-accel", "tcg", "-m", MEMORY, "-display", "none"]
    return [
        *kept,
        *own,
        "-chardev",
        f"file,id=firmware,path={log}",
        "-device",
        "isa-debugcon,iobase=0x402,chardev=firmware",
    ]


def _wanted(option: str, value: str) -> bool:
    if option == "-device":
        return value.split(",")[0] in KEPT_DEVICES
    # qmeventd does not run here, and the agent's port hangs on a device that is left out.
    return not (option in ("-chardev", "-mon") and ("qmp-event" in value or "qga0" in value))


class InnerQemu:
    """The QEMU processes of this host, by VM."""

    def __init__(self) -> None:
        self._running: dict[int, asyncio.subprocess.Process] = {}

    async def start(self, vmid: int, command: list[str]) -> tuple[int, list[str]]:
        """(process id, what it printed) once its monitor answers. Raises `QemuRefused` with its own words."""
        Path(FIRMWARE_LOG).parent.mkdir(parents=True, exist_ok=True)
        Path("/var/run/qemu-server").mkdir(parents=True, exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            "kvm",
            *words(command, vmid),
            executable=QEMU,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        lines: list[str] = []
        reading = asyncio.create_task(_collect(process, lines))
        answering = asyncio.create_task(_answered(f"/var/run/qemu-server/{vmid}.qmp"))
        await asyncio.wait({reading, answering}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not (answering.done() and answering.result()):
            answering.cancel()
            if not reading.done():
                await asyncio.wait({reading}, timeout=GOING)
            if process.returncode is None:
                process.kill()
            await process.wait()
            raise QemuRefused(*(lines or [f"kvm: no answer within {PATIENCE:.0f} s"]))
        self._running[vmid] = process
        return process.pid, lines

    async def stop(self, vmid: int) -> None:
        process = self._running.pop(vmid, None)
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


async def _collect(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    assert process.stderr is not None
    async for line in process.stderr:
        lines.append(line.decode("utf-8", "replace").rstrip())


async def _answered(path: str) -> bytes:
    """Its monitor greets early, but answers only once every device is there; b"" where QEMU ended before."""
    while True:
        try:
            reader, writer = await asyncio.open_unix_connection(path)
            break
        except OSError:
            await asyncio.sleep(0.02)
    writer.write(b'{"execute": "qmp_capabilities"}\n{"execute": "query-status"}\n')
    try:
        said = [await reader.readline() for _ in ("greeting", "capabilities", "status")]
    except ConnectionError:
        return b""
    writer.close()
    return said[-1]
