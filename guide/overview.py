"""The facts that a person wants to see at a glance: what this host is."""

from __future__ import annotations

from dataclasses import dataclass

from guide import igd
from guide.clean import clean
from guide.facts.model import Facts, PciDevice
from guide.message import Message, message
from guide.text import Catalogue


@dataclass(frozen=True)
class Line:
    """`value` is the host's own word, `words` are ours about it; both empty where nothing is known."""

    label: Message
    value: str
    words: tuple[Message, ...] = ()


def overview(facts: Facts) -> tuple[Line, ...]:
    """In the order in which they matter."""
    gpu = igd.igpu(facts)
    sound = igd.audio(facts, gpu) if gpu else None
    chip = igd.known(gpu.device) if gpu else None
    installed = facts.platform.kernels[-1] if facts.platform.kernels else ""
    kernel = facts.versions.kernel or ""
    screen = facts.framebuffer or ""
    later = f" (/boot: {installed})" if installed and kernel and installed != kernel else ""
    return (
        Line(message("overview.pve"), facts.versions.pve or ""),
        Line(message("overview.kernel"), f"{kernel}{later}"),
        Line(message("overview.qemu"), facts.versions.qemu or ""),
        Line(message("overview.cpu"), facts.cpu.model or ""),
        Line(message("overview.chip"), _device(gpu)),
        Line(message("overview.generation"), f"{chip['codename']} ({chip['generation']})" if chip else ""),
        Line(message("overview.audio"), _device(sound)),
        Line(message("overview.loader"), facts.boot.kind.value if facts.boot.kind else "", _secure_boot(facts)),
        Line(message("overview.cmdline"), " ".join(facts.running_arguments)),
        Line(message("overview.iommu"), "", _iommu(facts)),
        Line(message("overview.framebuffer"), screen.replace("\n", "; "), _none(facts.framebuffer == "")),
        Line(message("overview.management"), " ".join(facts.network.management_devices)),
        Line(message("overview.boot-disk"), " ".join(facts.platform.boot_devices)),
        Line(
            message("overview.vms"),
            ", ".join(f"{vm.vmid} {vm.name}".strip() for vm in facts.vms),
            _none("vms" in facts.sections and not facts.vms),
        ),
    )


def _device(device: PciDevice | None) -> str:
    if device is None:
        return ""
    driver = f", {device.driver}" if device.driver else ""
    ids = f"[{device.ids}]" if device.device else ""
    return f"{device.address} [{device.class_code}] {device.name} {ids}{driver}".replace("  ", " ").strip()


def _secure_boot(facts: Facts) -> tuple[Message, ...]:
    known = facts.boot.kind and facts.boot.secure_boot is not None
    return (message(f"overview.secure-boot-{'on' if facts.boot.secure_boot else 'off'}"),) if known else ()


def _iommu(facts: Facts) -> tuple[Message, ...]:
    groups = {device.iommu_group for device in facts.pci if device.iommu_group is not None}
    state = {True: (message("overview.iommu-on"),), False: (message("overview.iommu-off"),), None: ()}
    counted = (message("overview.iommu-groups", count=len(groups)),) if groups else ()
    return (*state[facts.iommu_enabled], *counted)


def _none(known: bool) -> tuple[Message, ...]:
    return (message("overview.none"),) if known else ()


def spoken(line: Line, catalogue: Catalogue) -> str:
    """The whole value in one language; "" where nothing is known."""
    return ", ".join(part for part in (clean(line.value), *map(catalogue.render, line.words)) if part)
