"""What leaves the host: the groups of the graphics chip and of its sound, device by device, for picture and text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from guide import igd
from guide.choices import Choices
from guide.facts.model import Facts, PciDevice
from guide.message import Message, message
from guide.rules.groups import BRIDGES, companions
from guide.text import Catalogue


class Role(Enum):
    """What a device is for the host; `is_vital`: without it the person loses the host or its data."""

    GRAPHICS = "graphics"
    AUDIO = "audio"
    NETWORK = "network"
    DISK = "disk"
    KEYBOARD = "keyboard"
    BRIDGE = "bridge"
    OTHER = "other"

    @property
    def is_vital(self) -> bool:
        return self in (Role.NETWORK, Role.DISK, Role.KEYBOARD)


@dataclass(frozen=True)
class Member:
    """One device. `leaves`: the host loses it when the VM starts; `fate`: the same in words."""

    device: PciDevice
    role: Role
    leaves: bool
    fate: Message

    @property
    def is_loss(self) -> bool:
        return self.leaves and self.role.is_vital


@dataclass(frozen=True)
class Group:
    """`number` None: the group is not known; the functions of the same slot stand in for it (an inference)."""

    number: int | None
    members: tuple[Member, ...]
    handed_over: bool

    @property
    def losses(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.is_loss)


def iommu_map(facts: Facts, choices: Choices) -> tuple[Group, ...]:
    """The groups that the guide touches: one, or two where the sound has its own; empty without a graphics chip."""
    gpu = igd.igpu(facts)
    if gpu is None:
        return ()
    sound = igd.audio(facts, gpu)
    groups = [_group(facts, gpu, gpu, sound, choices.pass_audio, handed_over=True)]
    if sound is not None and sound not in [member.device for member in groups[0].members]:
        groups.append(_group(facts, sound, gpu, sound, choices.pass_audio, handed_over=choices.pass_audio))
    return tuple(groups)


def _group(
    facts: Facts, device: PciDevice, gpu: PciDevice, sound: PciDevice | None, with_audio: bool, handed_over: bool
) -> Group:
    if device.iommu_group is None:
        devices = [device, *companions(facts, device)]
    else:
        devices = [other for other in facts.pci if other.iommu_group == device.iommu_group]
    members = []
    for other in sorted(devices, key=lambda item: item.address):
        role = _role(facts, other, gpu, sound)
        leaves = handed_over and role is not Role.BRIDGE
        members.append(Member(other, role, leaves, _fate(facts, other, role, leaves)))
    return Group(device.iommu_group, tuple(members), handed_over)


def _role(facts: Facts, device: PciDevice, gpu: PciDevice, sound: PciDevice | None) -> Role:
    if device == gpu:
        return Role.GRAPHICS
    if device == sound:
        return Role.AUDIO
    if device.class_code in BRIDGES:
        return Role.BRIDGE
    if device.class_code.startswith("02") or device.address in facts.network.management_devices:
        return Role.NETWORK
    if device.class_code.startswith("01") or device.address in facts.platform.disk_devices:
        return Role.DISK
    return Role.KEYBOARD if device.address in facts.platform.keyboard_devices else Role.OTHER


def _fate(facts: Facts, device: PciDevice, role: Role, leaves: bool) -> Message:
    if not leaves:
        return message("map.stays")
    if role is Role.NETWORK and device.address in facts.network.management_devices:
        return message("map.network-lost")
    if role is Role.DISK and device.address in facts.platform.boot_devices:
        return message("map.boot-lost")
    losses = {Role.NETWORK: "map.card-lost", Role.DISK: "map.disk-lost", Role.KEYBOARD: "map.keyboard-lost"}
    goes = {Role.GRAPHICS: "map.to-windows", Role.AUDIO: "map.to-windows"}
    return message({**losses, **goes}.get(role, "map.leaves"))


def as_lines(groups: tuple[Group, ...], catalogue: Catalogue) -> list[str]:
    """The same content for a terminal, a report and a screen reader."""
    lines: list[str] = []
    for group in groups:
        known = message("map.group", number=group.number) if group.number is not None else message("map.no-group")
        lines.append(catalogue.render(known))
        for member in group.members:
            device = member.device
            mark = "!" if member.is_loss else ">" if member.leaves else " "
            name = f"{device.address} [{device.class_code}] {device.name or device.ids}"
            lines.append(f" {mark} {name}: {catalogue.render(member.fate)}")
    return lines
