"""What surrounds the graphics chip: virtual functions, disks, keyboards, screens, foreign drivers, the cluster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from guide.facts.numbers import number
from guide.facts.packages import parse_packages

_PCI = re.compile(r"(?<![0-9a-f:])([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?=/)")
_KEYBOARD_EVENTS = "120013"
"""EV bits of a keyboard with LEDs and repeat (kernel: Documentation/input/event-codes; mice have 17, buttons 3)."""


@dataclass(frozen=True)
class Virtualised:
    """SR-IOV and GVT-g. `functions`: addresses of virtual functions; `enabled`: how many a device has switched on."""

    functions: tuple[str, ...] = ()
    enabled: Mapping[str, int] | None = None
    mediating: tuple[str, ...] = ()
    """Devices that offer GVT-g (mediated) types."""

    mediated: int = 0
    """Mediated devices that exist now."""


@dataclass(frozen=True)
class Platform:
    """Everything is empty or None where the host did not say."""

    virtualised: Virtualised = Virtualised()
    disk_devices: tuple[str, ...] = ()
    """PCI addresses of controllers that carry a disk."""

    boot_devices: tuple[str, ...] = ()
    """PCI addresses of the controllers below the root file system."""

    keyboard_devices: tuple[str, ...] = ()
    """PCI addresses of the USB controllers with a keyboard on them."""

    connectors: Mapping[str, str] | None = None
    """HDMI-A-1 -> connected, as the kernel's own graphics driver sees it; None where no driver holds the chip."""

    dkms: tuple[str, ...] = ()
    """Lines of `dkms status`."""

    microcode: str | None = None
    """Revision that runs, e.g. 0x17."""

    microcode_package: str | None = None
    """Version of intel-microcode; None: not installed or unknown."""

    kernels: tuple[str, ...] = ()
    """Releases that /boot holds, oldest first."""

    outdated_vms: tuple[int, ...] = ()
    """Running VMs whose kvm binary was replaced by an upgrade since they started."""

    clustered: bool | None = None
    quorate: bool | None = None
    iommu_width: int | None = None
    """Host address width of the IOMMU in bits (dmesg)."""

    faults: int | None = None
    """DMA faults of the graphics chip in the kernel's log."""


def parse_platform(found: Mapping[str, str]) -> Platform:
    """From the survey's sections (pure)."""

    def raw(name: str) -> str:
        return found.get(name, "")

    disks = _disks(raw("disks"))
    clustered, quorate = _cluster(found.get("members"))
    width = re.search(r"DMAR: Host address width (\d+)", raw("dmesg"))
    return Platform(
        virtualised=_virtualised(raw("virtual")),
        disk_devices=tuple(dict.fromkeys(disks.values())),
        boot_devices=_boot_devices(raw("root"), raw("blocks"), disks),
        keyboard_devices=_keyboards(raw("inputs")),
        connectors=_connectors(raw("connectors")),
        dkms=tuple(line.strip() for line in raw("dkms").splitlines() if line.strip()),
        microcode=_first(r"^microcode\s*:\s*(\S+)", raw("cpu")),
        microcode_package=parse_packages(raw("packages")).get("intel-microcode"),
        kernels=_kernels(raw("kernels")),
        outdated_vms=_outdated(raw("kvm")),
        clustered=clustered,
        quorate=quorate,
        iommu_width=number(width[1]) if width else None,
        faults=number(raw("faults")),
    )


def _virtualised(text: str) -> Virtualised:
    rows = [line.split() for line in text.splitlines()]
    counts = {row[1]: number(row[2]) for row in rows if len(row) == 3 and row[0] == "numvfs"}
    return Virtualised(
        tuple(row[1] for row in rows if len(row) == 2 and row[0] == "vf"),
        {address: count for address, count in counts.items() if count is not None},
        tuple(row[1] for row in rows if len(row) == 2 and row[0] == "mdev"),
        sum(1 for row in rows if row and row[0] == "active"),
    )


def _last_pci(path: str) -> str | None:
    """The PCI function nearest to a device in its sysfs path."""
    places = _PCI.findall(path)
    return places[-1] if places else None


def _disks(text: str) -> dict[str, str]:
    """Block device -> PCI address, from `name path` lines of /sys/block."""
    rows = (line.partition(" ") for line in text.splitlines())
    found = {name: _last_pci(path) for name, _, path in rows}
    return {name: address for name, address in found.items() if address is not None}


def _boot_devices(root: str, blocks: str, disks: Mapping[str, str]) -> tuple[str, ...]:
    """Down from the root file system to its disks; a pool of ZFS counts with all of its members."""
    words = root.split()
    if not words:
        return ()
    parents: dict[str, set[str]] = {}
    members: set[str] = set()
    for line in blocks.splitlines():
        fields = line.split(" ")
        if len(fields) == 4:
            parents.setdefault(fields[0], set()).add(fields[1])
            if fields[3] == "zfs_member":
                members.add(fields[0])
    source = words[0].split("[")[0].removeprefix("/dev/").removeprefix("mapper/")
    waiting = [*members] if words[-1] == "zfs" else [source]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name and name not in seen:
            seen.add(name)
            waiting += parents.get(name, ())
    return tuple(sorted({disks[name] for name in seen if name in disks}))


def _keyboards(text: str) -> tuple[str, ...]:
    """USB keyboards of /proc/bus/input/devices; one block per device, separated by empty lines."""
    found = []
    for block in text.split("\n\n"):
        path = _first(r"^S: Sysfs=(\S+)", block) or ""
        keyboard = re.search(rf"^B: EV={_KEYBOARD_EVENTS}\s*$", block, re.MULTILINE)
        address = _last_pci(path) if keyboard and "/usb" in path else None
        if address:
            found.append(address)
    return tuple(dict.fromkeys(found))


def _connectors(text: str) -> Mapping[str, str] | None:
    rows = [line.split() for line in text.splitlines()]
    states = {row[0].partition("-")[2]: row[1] for row in rows if len(row) == 2 and row[0].startswith("card")}
    return states or None


def _kernels(text: str) -> tuple[str, ...]:
    releases = [line.removeprefix("vmlinuz-") for line in text.split() if line.startswith("vmlinuz-")]
    return tuple(sorted(releases, key=lambda release: [number(part) or 0 for part in re.findall(r"\d+", release)]))


def _outdated(text: str) -> tuple[int, ...]:
    """Lines like `101.pid replaced`: the VM's program is no longer the file that /usr/bin/kvm is now."""
    matches = (re.match(r"(\d+)\.pid replaced$", line) for line in text.splitlines())
    return tuple(vmid for match in matches if match and (vmid := number(match[1])) is not None)


def _cluster(members: str | None) -> tuple[bool | None, bool | None]:
    """(part of a cluster, quorate), from pmxcfs's .members; a host alone has no cluster in it (pve-docs)."""
    if not members or not members.strip():
        return None, None
    if '"cluster"' not in members:
        return False, None
    quorate = _first(r'"quorate"\s*:\s*([01])', members)
    return True, None if quorate is None else quorate == "1"


def _first(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text, re.MULTILINE)
    return match[1] if match else None
