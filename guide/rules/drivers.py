"""Who else drives the chip: virtual functions, GVT-g, foreign modules, lines that modprobe does not understand."""

from __future__ import annotations

import re

from guide import igd
from guide.choices import Choices
from guide.facts import modprobe
from guide.facts.model import Facts
from guide.finding import Finding, Honesty, Severity
from guide.rules import residue
from guide.rules.hardware import device_line
from guide.rules.make import finding

Found = tuple[Finding, ...]

FAILURES = "facts: peers-and-failures.md 3, row"
COMMANDS = ("alias", "blacklist", "config", "install", "options", "remove", "softdep", "weakdep")
"""The words a line of modprobe.d may begin with: modprobe.d(5)."""

HOST_DRIVERS = ("i915", "xe")
TAKERS = (*HOST_DRIVERS, "snd_hda_intel")


def virtual_functions(facts: Facts, choices: Choices) -> Found:
    """SR-IOV: the chip shows up several times at 00:02.1-7, and the wrong one is easily taken."""
    gpu = igd.igpu(facts)
    if gpu is None:
        return ()
    slot = gpu.address.rpartition(".")[0]
    shown = [device_line(device) for device in facts.pci if device.address.startswith(slot) and device != gpu]
    count = (facts.platform.virtualised.enabled or {}).get(gpu.address, 0)
    if count:
        shown.append(f"{gpu.address} sriov_numvfs: {count}")
    return (finding("virtual-functions", Severity.WARNS, f"{FAILURES} 5", tuple(shown)),) if shown else ()


def sriov_leftovers(facts: Facts, choices: Choices) -> Found:
    """A foreign i915 module, or files that switch virtual functions on at every start."""
    shown = [f"dkms: {line}" for line in facts.platform.dkms if "i915" in line]
    for path, file in sorted(facts.files.items()):
        if path.startswith("/etc/sysfs"):
            shown += [f"{path}: {line}" for line in (file.text or "").splitlines() if "sriov_numvfs" in line]
    for line in modprobe.parse(facts.files):
        if re.search(r"\b(max_vfs=|enable_guc=[1-9])", line.text):
            shown.append(f"{line.path}: {line.text}")
    return (finding("sriov-leftovers", Severity.WARNS, f"{FAILURES} 5", tuple(shown)),) if shown else ()


def mediated(facts: Facts, choices: Choices) -> Found:
    """GVT-g shares the chip; while a part is in use the whole cannot be handed over."""
    virtualised = facts.platform.virtualised
    gpu = igd.igpu(facts)
    if gpu is None or gpu.address not in virtualised.mediating:
        return ()
    shown = (f"{gpu.address}: mdev_supported_types", f"mdev: {virtualised.mediated}")
    severity = Severity.WARNS if virtualised.mediated else Severity.INFORMS
    return (finding("gvt-g", severity, f"{FAILURES} 29", shown),)


def bad_lines(facts: Facts, choices: Choices) -> Found:
    """modprobe says "ignoring bad line" and goes on without it."""
    shown = tuple(f"{line.path}: {line.text}" for line in modprobe.parse(facts.files) if line.words[0] not in COMMANDS)
    return (finding("modprobe-bad-line", Severity.WARNS, f"{FAILURES} 21", shown, step="vfio"),) if shown else ()


def ids_twice(facts: Facts, choices: Choices) -> Found:
    """The parameter is one text in the module: of two lines the later one is what counts."""
    lines = modprobe.id_lines(modprobe.parse(facts.files))
    shown = tuple(f"{line.path}: {line.text}" for line in lines)
    source = "facts: peers-and-failures.md 6.5; linux drivers/vfio/pci/vfio_pci.c (ids is one string)"
    if len(lines) < 2:
        return ()
    return (finding("ids-twice", Severity.WARNS, source, shown, honesty=Honesty.INFERENCE, step="vfio"),)


def blacklists(facts: Facts, choices: Choices) -> Found:
    """Other guides forbid the host's drivers altogether; it works, but the host never gets its screen back."""
    shown = tuple(
        f"{line.path}: {line.text}"
        for line in modprobe.parse(facts.files)
        if line.words[0] == "blacklist" and line.words[-1] in TAKERS
    )
    for word in residue.all_arguments(facts):
        name, _, value = word.partition("=")
        if name in ("modprobe.blacklist", "module_blacklist") and set(value.split(",")) & set(TAKERS):
            shown += (word,)
    source = "facts: peers-and-failures.md 6.5 (blacklist in four files)"
    return (finding("host-driver-blacklisted", Severity.INFORMS, source, shown, step="vfio"),) if shown else ()


def still_held(facts: Facts, choices: Choices) -> Found:
    """The ids are given, the initramfs is new, and yet the host's driver has the chip."""
    gpu = igd.igpu(facts)
    ids = modprobe.effective_ids(modprobe.parse(facts.files))
    if gpu is None or gpu.driver not in HOST_DRIVERS or gpu.ids not in ids or not facts.initramfs_current:
        return ()
    shown = (device_line(gpu), f"options vfio-pci ids={','.join(ids)}")
    return (finding("chip-still-held", Severity.INFORMS, f"{FAILURES} 10; pve.md 5.2", shown, step="vfio"),)
