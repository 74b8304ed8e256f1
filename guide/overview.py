"""The facts that a person wants to see at a glance: what this host is."""

from __future__ import annotations

from dataclasses import dataclass

from guide import igd
from guide.facts.model import Facts, PciDevice
from guide.message import Message, message


@dataclass(frozen=True)
class Line:
    """`value` is the host's own word; "" where it is not known."""

    label: Message
    value: str


def overview(facts: Facts) -> tuple[Line, ...]:
    """In the order in which they matter."""
    gpu = igd.igpu(facts)
    sound = igd.audio(facts, gpu) if gpu else None
    chip = igd.known(gpu.device) if gpu else None
    installed = facts.platform.kernels[-1] if facts.platform.kernels else ""
    kernel = facts.versions.kernel or ""
    later = f" (/boot: {installed})" if installed and kernel and installed != kernel else ""
    secure = {True: ", Secure Boot: 1", False: ", Secure Boot: 0", None: ""}[facts.boot.secure_boot]
    return (
        Line(message("overview.pve"), facts.versions.pve or ""),
        Line(message("overview.kernel"), f"{kernel}{later}"),
        Line(message("overview.qemu"), facts.versions.qemu or ""),
        Line(message("overview.cpu"), facts.cpu.model or ""),
        Line(message("overview.chip"), _device(gpu)),
        Line(message("overview.generation"), f"{chip['codename']} ({chip['generation']})" if chip else ""),
        Line(message("overview.audio"), _device(sound)),
        Line(message("overview.loader"), f"{facts.boot.kind.value}{secure}" if facts.boot.kind else ""),
        Line(message("overview.cmdline"), " ".join(facts.running_arguments)),
        Line(message("overview.iommu"), _iommu(facts)),
        Line(message("overview.framebuffer"), (facts.framebuffer or "").replace("\n", "; ")),
        Line(message("overview.management"), " ".join(facts.network.management_devices)),
        Line(message("overview.boot-disk"), " ".join(facts.platform.boot_devices)),
        Line(message("overview.vms"), ", ".join(f"{vm.vmid} {vm.name}".strip() for vm in facts.vms)),
    )


def _device(device: PciDevice | None) -> str:
    if device is None:
        return ""
    driver = f", {device.driver}" if device.driver else ""
    ids = f"[{device.ids}]" if device.device else ""
    return f"{device.address} [{device.class_code}] {device.name} {ids}{driver}".replace("  ", " ").strip()


def _iommu(facts: Facts) -> str:
    groups = {device.iommu_group for device in facts.pci if device.iommu_group is not None}
    words = {True: "/sys/class/iommu: +", False: "/sys/class/iommu: -", None: ""}[facts.iommu_enabled]
    return ", ".join(part for part in (words, f"iommu_groups: {len(groups)}" if groups else "") if part)
