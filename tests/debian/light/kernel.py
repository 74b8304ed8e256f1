"""What "boots" on the light host: the command line of the real grub.cfg and the files of the real initrd, judged by the
practice host's rules; /proc and /sys are written accordingly."""

from __future__ import annotations

import struct
import subprocess
import uuid
from pathlib import Path

from practice import boot, kernel, sysfs
from practice.clock import Clock
from practice.machine import Machine
from practice.scenario import PciFunction, Scenario
from tests.debian.inside.files import RealFiles

PROC = ("cmdline", "sys/kernel/random/boot_id", "meminfo", "cpuinfo", "fb", "modules", "iomem")
"""Of /proc, what is the host's and not this machine's."""


def start(scenario: Scenario, root: Path, made: Path) -> kernel.Kernel:
    """Boot the host whose files are below `root`; `made` gets proc/ and sys/."""
    machine = Machine(scenario, Clock(), RealFiles(Clock(), str(root)))
    machine.kernels = sorted(path.name.removeprefix("vmlinuz-") for path in (root / "boot").glob("vmlinuz-*"))
    release, cmdline = boot.next_boot(machine)
    running = kernel.boot(scenario, release, cmdline, initrd(root, release), machine.fs.text("/etc/modules"))
    shown = Machine(scenario, machine.clock, RealFiles(machine.clock, str(made)))
    shown.kernel, shown.boot_id = running, str(uuid.uuid4())
    sysfs.mount(shown)
    for function in scenario.pci:
        describe(made / "sys/bus/pci/devices" / function.address, function)
    return running


def initrd(root: Path, release: str) -> dict[str, str]:
    """The module configuration inside the initrd of a kernel, by path."""
    place = root / "run/initrd"
    subprocess.run(["chroot", str(root), "unmkinitramfs", f"/boot/initrd.img-{release}", "/run/initrd"], check=True)
    found = {f"/{path.relative_to(place)}": path.read_text() for path in place.glob("etc/modprobe.d/*.conf")}
    modules = place / "conf/modules"
    found["/etc/initramfs-tools/modules"] = modules.read_text() if modules.exists() else ""
    subprocess.run(["rm", "-r", str(place)], check=True)
    return found


def describe(folder: Path, function: PciFunction) -> None:
    """What the real lspci reads beside the practice host's own files."""
    vendor, device, code = (int(text, 16) for text in (function.vendor, function.device, function.class_code))
    config = bytearray(64)
    struct.pack_into("<HH", config, 0x00, vendor, device)
    struct.pack_into("<BH", config, 0x09, 0, code)
    config[0x08] = int(function.revision or "0", 16)
    (folder / "config").write_bytes(config)
    (folder / "irq").write_text("0\n")
    (folder / "resource").write_text("0x0000000000000000 0x0000000000000000 0x0000000000000000\n" * 13)
    alias = f"pci:v{vendor:08X}d{device:08X}sv00000000sd00000000bc{code >> 8:02X}sc{code & 255:02X}i00\n"
    (folder / "modalias").write_text(alias)
