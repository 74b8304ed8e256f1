"""What other tools and older guides leave behind, and what it spoils."""

from __future__ import annotations

import re

from guide import igd
from guide.choices import Choices
from guide.facts import cmdline, grub, modprobe
from guide.facts.model import Facts, Versions
from guide.finding import Finding, Severity
from guide.rules.make import finding

Found = tuple[Finding, ...]

MODULE_LISTS = ("/etc/modules-load.d/", "/etc/initramfs-tools/modules")

HARMFUL = re.compile(
    r"^(pcie_acs_override=|i915\.max_vfs=|xe\.max_vfs=|i915\.enable_gvt=|i915\.enable_guc=\d*[13579]$|iommu=off)"
)
"""Kernel arguments that fight with whole-chip passthrough (facts: peers-and-failures.md 3, rows 5, 6, 29). The lowest
bit of enable_guc is GuC submission, which virtual functions need; 2 alone only loads HuC (kernel: i915 enable_guc)."""

USELESS = re.compile(r"^video=(efifb|vesafb|simplefb):off(,.*)?$")


def disable_vga(facts: Facts, choices: Choices) -> Found:
    """disable_vga=1 keeps QEMU out of legacy mode; two widespread tools write it."""
    shown = tuple(f"{line.path}: {line.text}" for line in modprobe.parse(facts.files) if "disable_vga=1" in line.words)
    shown += tuple(word for word in coming_arguments(facts) if word == "vfio-pci.disable_vga=1")
    source = "facts: peers-and-failures.md 3, row 15"
    return (finding("disable-vga", Severity.STOPS, source, shown, step="vfio"),) if shown else ()


def virqfd(facts: Facts, choices: Choices) -> Found:
    """The module is gone since kernel 6.2."""
    kernel = Versions.parse(facts.versions.kernel)
    if kernel and kernel < (6, 2):
        return ()
    paths = [path for path in facts.files if path == "/etc/modules" or path.startswith(MODULE_LISTS)]
    lines = [(path, line.strip()) for path in paths for line in (facts.file_text(path) or "").splitlines()]
    shown = tuple(f"{path}: {line}" for path, line in lines if line == "vfio_virqfd")
    return (finding("virqfd", Severity.INFORMS, "facts: pve.md 5.2", shown, step="vfio"),) if shown else ()


def kernel_arguments(facts: Facts, choices: Choices) -> Found:
    """SR-IOV, GVT-g and ACS override arguments of other guides."""
    shown = tuple(word for word in all_arguments(facts) if HARMFUL.match(word))
    source = "facts: peers-and-failures.md 3, rows 5, 6, 29"
    return (finding("harmful-arguments", Severity.WARNS, source, shown, arguments=" ".join(shown)),) if shown else ()


def useless_arguments(facts: Facts, choices: Choices) -> Found:
    """simpledrm takes the boot screen without asking them (facts: pve.md 5.1)."""
    shown = tuple(word for word in all_arguments(facts) if USELESS.match(word))
    source = "facts: pve.md 5.1"
    if not shown:
        return ()
    return (finding("useless-arguments", Severity.INFORMS, source, shown, step="cmdline", arguments=" ".join(shown)),)


def coming_arguments(facts: Facts) -> tuple[str, ...]:
    """What the next boot has, as far as that is known, else what runs."""
    return facts.running_arguments if facts.next_arguments is None else facts.next_arguments


def all_arguments(facts: Facts) -> tuple[str, ...]:
    """What the kernel runs with, and what stands in the files of both loaders."""
    configured = grub.arguments(facts.file_text("/etc/default/grub") or "")
    kernel = cmdline.arguments(facts.file_text("/etc/kernel/cmdline"))
    return tuple(dict.fromkeys((*facts.running_arguments, *configured, *kernel)))


def foreign_ids(facts: Facts, choices: Choices) -> Found:
    """Ids of devices that this host does not have: copied from somebody else's guide."""
    present = {device.ids for device in facts.pci}
    foreign = [identity for identity in modprobe.vfio_ids(modprobe.parse(facts.files)) if identity not in present]
    if not foreign or igd.igpu(facts) is None:
        return ()
    source = "facts: peers-and-failures.md 1 (ids=8086:3185 for everyone)"
    return (finding("foreign-ids", Severity.INFORMS, source, tuple(foreign), step="vfio", ids=",".join(foreign)),)


def held_qemu(facts: Facts, choices: Choices) -> Found:
    """A held pve-qemu-kvm may be a patched build."""
    if "pve-qemu-kvm" not in facts.holds:
        return ()
    evidence = (f"pve-qemu-kvm {facts.versions.qemu or '-'}",)
    return (finding("qemu-held", Severity.INFORMS, "facts: peers-and-failures.md 1 (PVE-Tools-9)", evidence),)
