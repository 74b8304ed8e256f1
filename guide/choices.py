"""Every choice that a person can make: the typed form of answers.toml."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Lane = Literal["assisted", "manual"]
Answer = Literal["ask", "yes", "no"]


@dataclass(frozen=True)
class IsoSource:
    """Where an ISO comes from. `stored`: a volid; `upload`: a path on the workstation; `download`: a URL.

    `auto`: the one stored ISO whose name fits, else it must be chosen.
    """

    kind: Literal["auto", "stored", "upload", "download"] = "auto"
    value: str = ""
    sha256: str = ""
    """Expected checksum; "" where the person has none."""


@dataclass(frozen=True)
class VmChoices:
    """The VM of chapter 2. `vmid` 0: the next free one. Sizes: memory MiB, disk GiB."""

    name: str = "win10-igpu"
    vmid: int = 0
    cores: int = 4
    memory: int = 8192
    disk_gib: int = 64
    storage: str = ""
    """Storage of the disks; "" picks the active one with the content type images and most free space."""
    iso_storage: str = ""
    """Storage of the ISOs; "" picks `local`, else the first active one with content type iso."""
    disk_bus: Literal["scsi", "sata"] = "scsi"
    bridge: str = ""
    """"" picks the bridge that carries the host's own address, else the first vmbr."""
    start_at_boot: bool = False


@dataclass(frozen=True)
class Choices:
    """All answers. Defaults are what the guide does."""

    vm: VmChoices = field(default_factory=VmChoices)
    windows_iso: IsoSource = field(default_factory=IsoSource)
    virtio_iso: IsoSource = field(default_factory=IsoSource)
    rom: str = ""
    """Path of the vBIOS ROM on the workstation; "": use `rom_name` if the host has it already, else ask."""
    rom_name: str = ""
    """Name in /usr/share/kvm; "" takes the file's own name."""
    pass_audio: bool = True
    lane: Lane = "assisted"
    """assisted: the program switches on Remote Desktop through the guest agent; manual: the person does."""
    reboot: Answer = "ask"
    windows_installed: Answer = "ask"
    """"yes": the person says that Windows is ready although no agent answers."""
    display_goes_dark: Answer = "ask"
    """Consent to the iGPU leaving the host: its own screen stays dark from the restart on."""
    picture: Answer = "ask"
    sound: Answer = "ask"
    skip: frozenset[str] = frozenset()
    """Ids of steps to skip."""
    remedies: frozenset[str] = frozenset()
    """Ids of findings whose remedy the program may apply in step 0.2."""
    wait_minutes: int = 180
    """How long to wait for Windows to install."""

    def with_vmid(self, vmid: int) -> Choices:
        """The same choices for a VM whose number is known by now."""
        return replace(self, vm=replace(self.vm, vmid=vmid))
