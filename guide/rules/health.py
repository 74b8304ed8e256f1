"""The host's own state: clock, cluster, faults, address widths, screen, microcode."""

from __future__ import annotations

import re

from guide import igd
from guide.choices import Choices
from guide.facts.model import Facts, Versions
from guide.finding import Finding, Honesty, Severity
from guide.rules.hardware import device_line
from guide.rules.make import finding
from guide.tables import table

Found = tuple[Finding, ...]

FAILURES = "facts: peers-and-failures.md 3, row"
MOST_SKEW = 300
"""Seconds; a ticket from the future is refused beyond it (facts: pve.md 3.1)."""

MANY_FAULTS = 50
"""A few at the start are normal, a stream is not (facts: peers-and-failures.md 3, row 11); the number is ours."""


def clock(facts: Facts, choices: Choices) -> Found:
    """One-time codes and tickets live by the clock."""
    if facts.clock is None or not facts.taken_at:
        return ()
    skew = int(facts.clock - facts.taken_at)
    if abs(skew) <= MOST_SKEW:
        return ()
    shown = (f"date +%s: {int(facts.clock)}",)
    return (finding("clock-wrong", Severity.WARNS, "facts: pve.md 3.1", shown, seconds=abs(skew)),)


def quorum(facts: Facts, choices: Choices) -> Found:
    """Without quorum /etc/pve is read-only: no VM can be made or changed."""
    if facts.platform.quorate is not False:
        return ()
    return (finding("no-quorum", Severity.STOPS, "pve-docs: pvecm, Quorum", ('/etc/pve/.members: "quorate": 0',)),)


def cluster(facts: Facts, choices: Choices) -> Found:
    """The VM is bound to this node from now on."""
    if not facts.platform.clustered:
        return ()
    return (finding("in-cluster", Severity.INFORMS, "facts: pve.md 3.3 (live migration refused)", (facts.node,)),)


def faults(facts: Facts, choices: Choices) -> Found:
    """The chip writes to memory that is no longer its own."""
    count = facts.platform.faults or 0
    if count < MANY_FAULTS:
        return ()
    shown = tuple(line for line in facts.sections.get("dmesg", "").splitlines() if "Request device" in line)[-3:]
    return (finding("dma-faults", Severity.WARNS, f"{FAILURES} 11", shown, honesty=Honesty.REPORTED, count=count),)


def address_width(facts: Facts, choices: Choices) -> Found:
    """With `cpu: host` the guest has the CPU's width and may place a BAR where the IOMMU cannot reach."""
    match = re.search(r"(\d+) bits physical", facts.cpu.address_sizes or "")
    width = facts.platform.iommu_width
    if not match or width is None or int(match[1]) <= width:
        return ()
    shown = (facts.cpu.address_sizes or "", f"DMAR: Host address width {width}")
    source = f"{FAILURES} 17"
    return (
        finding("iommu-narrow", Severity.WARNS, source, shown, honesty=Honesty.REPORTED, step="create", width=width),
    )


def no_monitor(facts: Facts, choices: Choices) -> Found:
    """Windows asks the monitor what it can; without one at the start there may be no picture, or a small one."""
    connectors = facts.platform.connectors
    if not connectors or "connected" in connectors.values():
        return ()
    shown = tuple(f"{name}: {state}" for name, state in sorted(connectors.items()))
    source = f"{FAILURES} 23"
    return (finding("no-monitor", Severity.INFORMS, source, shown, honesty=Honesty.REPORTED, step="devices"),)


def no_reset(facts: Facts, choices: Choices) -> Found:
    """Shown only where the kernel tells of other devices how they are reset."""
    gpu = igd.igpu(facts)
    told = any(device.reset_method for device in facts.pci)
    if gpu is None or gpu.reset_method or not told:
        return ()
    return (finding("no-reset", Severity.INFORMS, f"{FAILURES} 25", (device_line(gpu),), honesty=Honesty.REPORTED),)


def outdated_vms(facts: Facts, choices: Choices) -> Found:
    """An upgrade replaced QEMU while they ran: they use the new one only after a stop and a start."""
    shown = tuple(f"VM {vmid}: /usr/bin/kvm (deleted)" for vmid in facts.platform.outdated_vms)
    return (finding("vms-on-old-qemu", Severity.INFORMS, "facts: pve.md 3.3", shown),) if shown else ()


def quirks(facts: Facts, choices: Choices) -> Found:
    """What is known of single generations: a table."""
    gpu = igd.igpu(facts)
    chip = igd.known(gpu.device) if gpu else None
    found = []
    for row in table("quirks"):
        mine = chip is not None and row["codename"] == chip["codename"]
        if gpu is None or not mine or (row["devices"] and gpu.device not in row["devices"].split("|")):
            continue
        kernel = Versions.parse(facts.versions.kernel)
        if row["kernel_before"] and (not kernel or kernel >= Versions.parse(row["kernel_before"])):
            continue
        if row["finding"] == "microcode-missing" and _has_microcode(facts):
            continue
        honesty = Honesty(row["honesty"])
        source = f"facts: {row['source']}"
        shown = (device_line(gpu),)
        found.append(
            finding(row["finding"], Severity.INFORMS, source, shown, honesty=honesty, kernel=row["kernel_before"])
        )
    return tuple(found)


def _has_microcode(facts: Facts) -> bool:
    """Known to be installed, or not known at all: then nothing is said."""
    return facts.platform.microcode_package is not None or "packages" not in facts.sections


def said(facts: Facts, choices: Choices) -> Found:
    """Messages of the kernel and of QEMU that have a known cause: a table of patterns."""
    found: dict[str, Finding] = {}
    for row in table("messages"):
        pattern = re.compile(row["pattern"])
        lines = tuple(line for line in facts.sections.get(row["section"], "").splitlines() if pattern.search(line))
        if lines and row["finding"] not in found:
            found[row["finding"]] = finding(row["finding"], Severity.WARNS, f"facts: {row['source']}", lines[:5])
    return tuple(found.values())
