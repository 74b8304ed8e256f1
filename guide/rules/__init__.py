"""Rules turn facts into findings: a claim, its evidence, how bad it is, and what to do."""

from __future__ import annotations

from guide.choices import Choices
from guide.facts.model import Facts
from guide.finding import Finding, Severity
from guide.rules import boot, groups, hardware, qemu, residue, resources

RULES = (
    hardware.no_intel_graphics,
    hardware.no_vtd,
    hardware.no_vtx,
    qemu.chip_refused,
    qemu.chip_unknown,
    groups.graphics_group,
    groups.audio_group,
    boot.loader_unknown,
    boot.override,
    resources.no_storage,
    resources.little_memory,
    resources.other_users,
    resources.running_vms,
    hardware.not_primary,
    residue.disable_vga,
    residue.virqfd,
    residue.kernel_arguments,
    residue.foreign_ids,
    residue.held_qemu,
    hardware.screen_goes_dark,
)

_ORDER = (Severity.STOPS, Severity.WARNS, Severity.INFORMS)


def judge(facts: Facts, choices: Choices) -> tuple[Finding, ...]:
    """All findings of a host, worst first; within a severity in the order of `RULES`."""
    found = [finding for rule in RULES for finding in rule(facts, choices)]
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))
