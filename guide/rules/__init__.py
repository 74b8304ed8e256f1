"""Rules turn facts into findings: a claim, its evidence, how bad it is, and what to do."""

from __future__ import annotations

from guide.choices import Choices
from guide.facts.model import Facts
from guide.finding import Finding, Severity
from guide.rules import boot, drivers, groups, hardware, health, qemu, residue, resources, vm

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
    boot.broken_file,
    boot.esp_not_synced,
    health.quorum,
    resources.no_storage,
    resources.little_memory,
    resources.other_users,
    resources.running_vms,
    hardware.not_primary,
    boot.not_active,
    boot.wrong_file,
    residue.disable_vga,
    residue.virqfd,
    residue.kernel_arguments,
    residue.useless_arguments,
    residue.foreign_ids,
    residue.held_qemu,
    drivers.virtual_functions,
    drivers.sriov_leftovers,
    drivers.mediated,
    drivers.bad_lines,
    drivers.ids_twice,
    drivers.blacklists,
    drivers.still_held,
    vm.outdated,
    vm.no_rom,
    vm.rom_missing,
    vm.rom_era,
    vm.q35,
    vm.machine_too_new,
    vm.display,
    vm.whole_slot,
    vm.signed_only,
    vm.stolen_memory,
    vm.no_sound,
    vm.orphaned_args,
    vm.part_of_chip,
    vm.lines_in_snapshot,
    health.said,
    health.clock,
    health.faults,
    health.address_width,
    hardware.iommu_off,
    hardware.no_sound_function,
    health.quirks,
    health.no_monitor,
    health.no_reset,
    health.cluster,
    health.outdated_vms,
    boot.other_kernel,
    hardware.screen_goes_dark,
    hardware.excerpt,
)

_ORDER = (Severity.STOPS, Severity.WARNS, Severity.INFORMS)


def judge(facts: Facts, choices: Choices) -> tuple[Finding, ...]:
    """All findings of a host, worst first; within a severity in the order of `RULES`."""
    found = [finding for rule in RULES for finding in rule(facts, choices)]
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))
