"""Check again, after an upgrade of Proxmox VE: does a set-up that worked still fit the QEMU that is there now?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from guide import igd
from guide.change import Change
from guide.changes.vm_config import ConfigureVm
from guide.chapters.passthrough import Configure
from guide.finding import Finding, Severity
from guide.message import Message, message
from guide.remedies import changes_for
from guide.rules.vm import holders
from guide.step import View

SETUP_STEPS = ("configure", "rom")
"""Findings of these steps are about the VM's lines and its ROM."""


class Fit(Enum):
    """NOTHING: no VM has the chip yet. IMPOSSIBLE: this QEMU cannot do it. CHANGES: the set-up must be changed."""

    FITS = "fits"
    CHANGES = "changes"
    IMPOSSIBLE = "impossible"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Recheck:
    """`findings`: what no longer fits; `changes`: what is prepared for it (steps 4.2 and 4.3, or a remedy, do it)."""

    fit: Fit
    qemu: str
    vms: tuple[int, ...]
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def verdict(self) -> Message:
        vms = ", ".join(str(vmid) for vmid in self.vms) or "-"
        return message(f"recheck.{self.fit.value}", qemu=self.qemu or "-", vms=vms)


def recheck(view: View) -> Recheck:
    """Judged on the last survey (pure)."""
    facts = view.facts
    qemu, gpu = facts.versions.qemu or "", igd.igpu(facts)
    vms = tuple(dict.fromkeys(vm.vmid for vm, _ in holders(facts)))
    if not vms:
        return Recheck(Fit.NOTHING, qemu, ())
    stops = tuple(finding for finding in view.findings if finding.severity is Severity.STOPS)
    possible = igd.decide(gpu.device, qemu).possible if gpu else None
    if stops or not possible:
        return Recheck(Fit.IMPOSSIBLE, qemu, vms, stops)
    spoiled = tuple(
        finding
        for finding in view.findings
        if finding.step in SETUP_STEPS and finding.severity is Severity.WARNS and finding.id.startswith("vm-")
    )
    # What could be written otherwise but works as it is needs no change.
    return Recheck(Fit.CHANGES, qemu, vms, spoiled, _prepared(view)) if spoiled else Recheck(Fit.FITS, qemu, vms)


def _prepared(view: View) -> tuple[Change, ...]:
    """The lines of the guide's own VM as step 4.3 would write them; for other VMs only what their QEMU needs."""
    mine = Configure().changes(view) if view.memory.get("done.configure") else ()
    ours = view.vm.vmid if mine and view.vm else None
    outdated = changes_for("vm-outdated", view.facts)
    return (*mine, *(change for change in outdated if not (isinstance(change, ConfigureVm) and change.vmid == ours)))
