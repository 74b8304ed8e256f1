"""All facts of one survey. Missing or garbled parts are None or empty, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from guide.facts.numbers import number
from guide.facts.platform import Platform

Version = tuple[int, ...]
"""(9, 0, 2) for "9.0.2-4"; compare with tuples."""


class Loader(Enum):
    """Which program boots this host; facts/pve.md 5.1. GRUB_ESP: GRUB written by proxmox-boot-tool to the ESPs."""

    GRUB = "grub"
    GRUB_ESP = "grub-esp"
    SYSTEMD_BOOT = "systemd-boot"


@dataclass(frozen=True)
class HostFile:
    """A text file that a change may edit, as the survey read it (`text` None: it does not exist)."""

    path: str
    text: str | None


@dataclass(frozen=True)
class BootLoader:
    """`kind` None: unknown. `evidence`: the lines that say so."""

    kind: Loader | None
    evidence: tuple[str, ...] = ()
    efi: bool | None = None
    secure_boot: bool | None = None


@dataclass(frozen=True)
class PciDevice:
    """One PCI function. `address` is full: 0000:00:02.0; ids are lower-case hex without 0x; class_code 4 digits."""

    address: str
    class_code: str
    vendor: str
    device: str
    name: str = ""
    driver: str | None = None
    modules: tuple[str, ...] = ()
    iommu_group: int | None = None
    boot_vga: bool | None = None
    reset_method: str | None = None

    @property
    def ids(self) -> str:
        """8086:46d1"""
        return f"{self.vendor}:{self.device}"


@dataclass(frozen=True)
class Versions:
    """None where unknown. `qemu` is the installed pve-qemu-kvm; running VMs may still use another one."""

    pve: str | None = None
    kernel: str | None = None
    qemu: str | None = None
    qemu_server: str | None = None

    @staticmethod
    def parse(text: str | None) -> Version:
        """(9, 0, 2) for "9.0.2-4"; () where there is nothing to read."""
        numbers: list[int] = []
        for part in (text or "").split("-")[0].split("+")[0].split("."):
            found = number(part)
            if found is None:
                break
            numbers.append(found)
        return tuple(numbers)


@dataclass(frozen=True)
class Cpu:
    model: str | None = None
    vendor: str | None = None
    threads: int | None = None
    has_vmx: bool | None = None
    address_sizes: str | None = None


@dataclass(frozen=True)
class Storage:
    """One PVE storage; sizes in bytes, None where unknown. `path` only for directory-like storages."""

    name: str
    type: str
    content: frozenset[str]
    active: bool
    total: int | None = None
    available: int | None = None
    path: str | None = None


@dataclass(frozen=True)
class StoredIso:
    """volid like local:iso/x.iso; `path` on the host."""

    volid: str
    path: str
    size: int


@dataclass(frozen=True)
class RomFile:
    """A file in /usr/share/kvm that may be a ROM."""

    name: str
    size: int
    sha256: str | None = None
    era: str | None = None
    """A: made for QEMU up to 9.1; B: for 10 and later; None: its texts do not tell."""


@dataclass(frozen=True)
class VmConfig:
    """The main section of a /etc/pve/qemu-server/N.conf (no snapshots), last duplicate wins.

    `text` is the file, or of it the lines that the survey asks for.
    """

    vmid: int
    options: Mapping[str, str]
    text: str = ""
    has_snapshots: bool = False
    running: bool | None = None
    mappings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """PCI resource mappings of the cluster: name -> addresses on this node."""

    @property
    def name(self) -> str:
        return self.options.get("name", "")


@dataclass(frozen=True)
class Container:
    """An LXC container that maps /dev/dri of the host."""

    ctid: int
    uses_dri: bool


@dataclass(frozen=True)
class Network:
    """`bridges`: those that a VM may use; `management_devices`: PCI addresses of the NICs that carry our connection."""

    bridges: tuple[str, ...] = ()
    management_interface: str | None = None
    management_devices: tuple[str, ...] = ()

    @property
    def usual_bridge(self) -> str | None:
        """The bridge that carries our connection (vmbr0.10 is a VLAN on vmbr0), else the first vmbr, else the first."""
        carrier = (self.management_interface or "").partition(".")[0]
        return min(self.bridges, key=lambda name: (name != carrier, not name.startswith("vmbr")), default=None)


@dataclass(frozen=True)
class Facts:
    """Everything that one survey says. `sections` keeps the raw text by section for evidence and bundles."""

    taken_at: float
    boot_id: str
    node: str
    versions: Versions
    cpu: Cpu
    boot: BootLoader
    running_arguments: tuple[str, ...]
    """The kernel command line that is running (/proc/cmdline), split."""

    next_arguments: tuple[str, ...] | None
    """The arguments that the next boot will have: from grub.cfg's default entry or the loader entry; None unknown."""

    files: Mapping[str, HostFile]
    """By path: /etc/default/grub, /etc/kernel/cmdline, /etc/modules, /etc/modprobe.d/*.conf, grub.d/*.cfg, ..."""

    initramfs_files: Mapping[str, str] | None
    """modprobe.d files as they are inside the initramfs of the next boot's kernel; None where it cannot be read."""

    pci: tuple[PciDevice, ...]
    iommu_enabled: bool | None
    has_dmar: bool | None
    """Whether the firmware shows a DMAR table (VT-d switched on in the BIOS)."""

    framebuffer: str | None
    """What owns the boot framebuffer (/proc/fb, /proc/iomem); "" for nobody; None unknown."""

    storages: tuple[Storage, ...] = ()
    isos: tuple[StoredIso, ...] = ()
    roms: tuple[RomFile, ...] = ()
    vms: tuple[VmConfig, ...] = ()
    containers: tuple[Container, ...] = ()
    network: Network = Network()
    initramfs_current: bool | None = None
    """Whether the initramfs of the newest kernel was built after the last change below /etc/modprobe.d."""

    holds: frozenset[str] = frozenset()
    """Packages that `apt-mark hold` keeps as they are, as far as they were asked for."""

    available: tuple[str, ...] = ()
    """Versions of pve-qemu-kvm that apt can install; empty where it was not asked."""

    vfio_properties: frozenset[str] | None = None
    """Properties that `kvm -device vfio-pci,help` lists; None where it could not be asked."""

    memory_bytes: int | None = None
    uptime_seconds: float | None = None
    clock: float | None = None
    platform: Platform = field(default_factory=Platform)
    word: str = ""
    """The random word that frames the files inside `sections`."""

    sections: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_excerpt(self) -> bool:
        """Read from a folder of transcripts: what is missing there may well exist on the host."""
        return not self.boot_id

    def device(self, address: str) -> PciDevice | None:
        return next((device for device in self.pci if device.address == address), None)

    def vm(self, vmid: int) -> VmConfig | None:
        return next((vm for vm in self.vms if vm.vmid == vmid), None)

    def file_text(self, path: str) -> str | None:
        """The text of a surveyed file; None where it does not exist or was not read."""
        found = self.files.get(path)
        return found.text if found else None
