"""The running kernel and its PCI bus, read from the real /proc and /sys."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from practice.kernel import VFIO, Kernel
from practice.scenario import PciFunction

DEVICES = Path("/sys/bus/pci/devices")
DRIVER_CORE = Path("/sys/bus/pci/drivers_probe")
"""The light host has none."""


def functions() -> tuple[PciFunction, ...]:
    """Every PCI function; its name and kind as lspci says them."""
    return tuple(_function(folder) for folder in sorted(DEVICES.iterdir()))


def running() -> Kernel:
    """As of now: drivers and groups change while the host runs."""
    found = sorted(DEVICES.iterdir())
    groups = {folder.name: int(name) for folder in found if (name := _link(folder / "iommu_group"))}
    return Kernel(
        release=os.uname().release,
        cmdline=_text("/proc/cmdline").strip(),
        iommu=any(Path("/sys/class").glob("iommu/*")),
        drivers={folder.name: _link(folder / "driver") or None for folder in found},
        groups=groups,
        framebuffer=_text("/proc/fb").partition(" ")[2].strip() if Path("/proc/fb").exists() else "",
        vfio_nodes=Path("/dev/vfio/vfio").exists(),
    )


def load(name: str) -> bool:
    """modprobe. The light host loads nothing and says so when a device is opened."""
    return not DRIVER_CORE.exists() or subprocess.run(["modprobe", name], check=False).returncode == 0


def bind(address: str, driver: str | None) -> None:
    """Give a device to vfio-pci as qemu-server does: override, unbind, probe (facts: pve.md 1.6)."""
    if driver != VFIO or not DRIVER_CORE.exists():
        # QEMU says what follows from that.
        return
    device = DEVICES / address
    (device / "driver_override").write_text(driver)
    if (device / "driver").exists():
        (device / "driver" / "unbind").write_text(address)
    DRIVER_CORE.write_text(address)


def _function(folder: Path) -> PciFunction:
    vendor, device, code = (_text(folder / name).strip()[2:] for name in ("vendor", "device", "class"))
    said = subprocess.run(["lspci", "-s", folder.name, "-D"], capture_output=True, text=True, check=True).stdout
    kind, _, name = re.sub(r"^\S+ ", "", said.strip()).partition(": ")
    group = _link(folder / "iommu_group")
    interface = next((entry.name for entry in folder.glob("net/*")), "")
    return PciFunction(
        folder.name, kind, code[:4], vendor, device, name, (), int(group) if group else -1, interface, ""
    )


def _link(path: Path) -> str:
    return path.readlink().name if path.is_symlink() else ""


def _text(path: Path | str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")
