"""The machine itself: is there an Intel chip, is VT-d on, is the chip the primary one."""

from __future__ import annotations

from guide import igd
from guide.choices import Choices
from guide.facts.model import Facts, PciDevice
from guide.finding import Finding, Severity
from guide.rules.make import finding

Found = tuple[Finding, ...]

FULL_LISTING = 8
"""Fewer devices than this are an excerpt, from which nothing is missing."""


def device_line(device: PciDevice) -> str:
    """A device as evidence: address, class, ids, name, driver."""
    driver = f" driver {device.driver}" if device.driver else ""
    return f"{device.address} [{device.class_code}] {device.name} [{device.ids}]{driver}".replace("  ", " ")


def no_intel_graphics(facts: Facts, choices: Choices) -> Found:
    """The guide is about Intel's chip at 00:02.0; a VF of it or a card of another maker is something else."""
    if igd.igpu(facts) is not None or not facts.pci or (facts.is_excerpt and len(facts.pci) < FULL_LISTING):
        return ()
    shown = tuple(device_line(device) for device in facts.pci if device.class_code.startswith("03"))
    return (finding("no-intel-graphics", Severity.STOPS, "facts: pve.md 1.2", shown),)


def no_vtd(facts: Facts, choices: Choices) -> Found:
    """No DMAR table: the firmware does not offer an IOMMU, whatever the kernel is told."""
    if facts.has_dmar is not False or facts.iommu_enabled:
        return ()
    evidence = ("/sys/firmware/acpi/tables/DMAR: -", *facts.sections.get("dmesg", "").splitlines()[:4])
    return (finding("vtd-off", Severity.STOPS, "facts: peers-and-failures.md 3, row 18", evidence),)


def no_vtx(facts: Facts, choices: Choices) -> Found:
    """KVM needs VT-x."""
    if facts.cpu.has_vmx is not False or facts.cpu.vendor != "GenuineIntel":
        return ()
    return (finding("vtx-off", Severity.STOPS, "facts: pve.md 7 (KVM not available)", (facts.cpu.model or "",)),)


def not_primary(facts: Facts, choices: Choices) -> Found:
    """Class 0380: the BIOS made another card the primary one, so there is no legacy mode."""
    gpu = igd.igpu(facts)
    if gpu is None or gpu.class_code == "0300":
        return ()
    return (finding("igpu-not-primary", Severity.WARNS, "facts: peers-and-failures.md 3, row 19", (device_line(gpu),)),)


def no_sound_function(facts: Facts, choices: Choices) -> Found:
    """No Intel audio function at all: the picture will be silent."""
    gpu = igd.igpu(facts)
    if gpu is None or len(facts.pci) < FULL_LISTING or igd.audio(facts, gpu) is not None:
        return ()
    shown = tuple(device_line(device) for device in facts.pci if device.class_code in igd.AUDIO_CLASSES)
    source = "facts: peers-and-failures.md 3, row 3"
    return (finding("no-audio-function", Severity.INFORMS, source, shown, step="devices"),)


def iommu_off(facts: Facts, choices: Choices) -> Found:
    """VT-d is there, the kernel does not use it yet: step 1.1 switches it on."""
    if facts.iommu_enabled is not False or facts.has_dmar is False:
        return ()
    shown = ("/sys/class/iommu: -", f"/proc/cmdline: {' '.join(facts.running_arguments)}")
    return (finding("iommu-not-on", Severity.INFORMS, "facts: peers-and-failures.md 3, row 18", shown, step="cmdline"),)


def excerpt(facts: Facts, choices: Choices) -> Found:
    """What nobody recorded cannot be judged, and that is said."""
    if not facts.is_excerpt:
        return ()
    parts = {
        "lspci -nnk": facts.pci,
        "/proc/cmdline": facts.running_arguments,
        "pveversion -v": facts.versions.qemu,
        "IOMMU groups": facts.iommu_enabled,
        "/etc/modprobe.d": [path for path in facts.files if path.startswith("/etc/modprobe.d/")],
    }
    missing = tuple(name for name, found in parts.items() if not found)
    if not missing:
        return ()
    return (finding("excerpt", Severity.INFORMS, "the files of the folder", missing, parts=", ".join(missing)),)


def screen_goes_dark(facts: Facts, choices: Choices) -> Found:
    """Expected, but people think that the host is dead: it is said before."""
    if igd.igpu(facts) is None:
        return ()
    return (finding("screen-goes-dark", Severity.INFORMS, "facts: peers-and-failures.md 3, row 14", step="reboot"),)
