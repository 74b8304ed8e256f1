"""VMs that hold the graphics chip already: made by hand, by another tool, or by this program before an upgrade."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from guide import chip_args, igd
from guide.choices import Choices
from guide.facts.hostpci import HostPci, entries, set_properties
from guide.facts.model import Facts, Versions, VmConfig
from guide.finding import Finding, Honesty, Severity
from guide.rules.make import finding

Found = tuple[Finding, ...]
Judge = Callable[[Facts, str, VmConfig, HostPci], tuple[str, ...]]

FAILURES = "facts: peers-and-failures.md 3, row"
VIRTUAL = re.compile(r"0000:00:02\.[1-7]$")


def holders(facts: Facts) -> Iterator[tuple[VmConfig, HostPci]]:
    """The VMs that hold the chip as a whole, each with its entry. Without a listing the chip is at its usual place."""
    gpu = igd.igpu(facts)
    address = gpu.address if gpu else igd.USUAL_ADDRESS
    if gpu is None and facts.pci:
        return
    for vm in facts.vms:
        for entry in entries(vm):
            if entry.takes(address) and "mdev" not in entry.options:
                yield vm, entry


def _rule(identity: str, judge: Judge, row: str, honesty: Honesty = Honesty.SOURCE) -> Callable[..., Found]:
    """A rule that warns about every holder of which `judge` gives evidence."""

    def rule(facts: Facts, choices: Choices) -> Found:
        found = []
        gpu = igd.igpu(facts)
        for vm, entry in holders(facts):
            evidence = judge(facts, gpu.device if gpu else "", vm, entry)
            if evidence:
                shown = tuple(f"VM {vm.vmid}: {line}" for line in evidence)
                source = f"{FAILURES} {row}"
                made = finding(identity, Severity.WARNS, source, shown, honesty=honesty, step="configure", vmid=vm.vmid)
                found.append(made)
        return tuple(found)

    return rule


def _line(vm: VmConfig, key: str) -> str:
    return f"{key}: {vm.options[key]}" if key in vm.options else f"{key}: -"


def _no_rom(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    return () if "romfile" in entry.options else (_line(vm, entry.key),)


def _rom_missing(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    """Only files whose names end like a ROM's are listed by the survey."""
    if "roms" not in facts.sections:
        return ()
    there = {rom.name for rom in facts.roms}
    named = [item for item in entries(vm) if item.options.get("romfile", "").endswith((".rom", ".bin"))]
    return tuple(_line(vm, item.key) for item in named if item.options["romfile"] not in there)


def _rom_era(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    """A helper of one era does nothing, or harm, under a QEMU of the other (facts: windows-and-rom.md B.2)."""
    wanted = igd.decide(device, facts.versions.qemu).rom_era
    eras = {rom.name: rom.era for rom in facts.roms}
    named = [(item, eras.get(item.options.get("romfile", ""))) for item in entries(vm)]
    return tuple(
        f"{_line(vm, item.key)} - {era}, QEMU {facts.versions.qemu}: {wanted}"
        for item, era in named
        if wanted and era and era != wanted
    )


def _q35(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    return (_line(vm, "machine"),) if "q35" in vm.options.get("machine", "") else ()


def _display(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    return () if vm.options.get("vga") == "none" else (_line(vm, "vga"),)


def _whole_slot(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    return () if any(host.endswith(".0") for host in entry.hosts) else (_line(vm, entry.key),)


def _signed_only(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    return (_line(vm, "efidisk0"),) if "pre-enrolled-keys=1" in vm.options.get("efidisk0", "") else ()


def _stolen_memory(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    have = chip_args.properties(vm.options.get("args", ""), entry.key)
    illegal = chip_args.illegal_gms(have, device, facts.versions.qemu)
    return () if illegal is None else (f"x-igd-gms={illegal}",)


def _outdated(facts: Facts, device: str, vm: VmConfig, entry: HostPci) -> tuple[str, ...]:
    """What this QEMU needs and the VM lacks; superfluous words do no harm (facts: pve.md 1.5)."""
    decision = igd.decide(device, facts.versions.qemu)
    if not decision.possible:
        return ()
    have = chip_args.properties(vm.options.get("args", ""), entry.key)
    missing = list(chip_args.misfits(have, decision, facts.vfio_properties, placed=entry.is_on))
    missing += [option for option in decision.hostpci0 if option == "legacy-igd=1" and not entry.is_on]
    return tuple(f"{facts.versions.qemu}: {name} - {_line(vm, 'args')}" for name in missing)


no_rom = _rule("vm-no-rom", _no_rom, "1", Honesty.REPORTED)
rom_missing = _rule("vm-rom-missing", _rom_missing, "1")
rom_era = _rule("vm-rom-era", _rom_era, "1")
q35 = _rule("vm-q35", _q35, "16")
display = _rule("vm-display", _display, "2")
whole_slot = _rule("vm-whole-slot", _whole_slot, "5")
signed_only = _rule("vm-secure-boot", _signed_only, "12", Honesty.REPORTED)
stolen_memory = _rule("vm-gms", _stolen_memory, "13")
outdated = _rule("vm-outdated", _outdated, "9", Honesty.REPORTED)


def no_sound(facts: Facts, choices: Choices) -> Found:
    """The chip without its sound function: picture, but no sound."""
    gpu = igd.igpu(facts)
    sound = igd.audio(facts, gpu) if gpu else None
    found = []
    for vm, _ in holders(facts):
        if sound is not None and not any(item.takes(sound.address) for item in entries(vm)):
            shown = (f"VM {vm.vmid}: {_line(vm, 'hostpci1')}", sound.address)
            found.append(finding("vm-no-sound", Severity.INFORMS, f"{FAILURES} 3", shown, vmid=vm.vmid))
    return tuple(found)


def orphaned_args(facts: Facts, choices: Choices) -> Found:
    """-set for a device that the VM does not have stops its start (facts: pve.md 1.4)."""
    found = []
    for vm in facts.vms:
        lost = sorted({key for key, _ in set_properties(vm)} - {entry.key for entry in entries(vm)})
        if lost:
            shown = (f"VM {vm.vmid}: {_line(vm, 'args')}",)
            made = finding("vm-args-orphaned", Severity.WARNS, "facts: pve.md 1.4", shown, vmid=vm.vmid, key=lost[0])
            found.append(made)
    return tuple(found)


def machine_too_new(facts: Facts, choices: Choices) -> Found:
    """After QEMU went back to an older version: a VM that is pinned to a newer machine version does not start."""
    installed = Versions.parse(facts.versions.qemu)[:2]
    pinned = ((vm, re.search(r"-(\d+\.\d+)", vm.options.get("machine", ""))) for vm in facts.vms)
    newer = [vm for vm, match in pinned if match and installed and Versions.parse(match[1]) > installed]
    shown = tuple(f"VM {vm.vmid}: {_line(vm, 'machine')}" for vm in newer)
    source = "facts: pve.md 7 (Installed QEMU version is too old to run machine type)"
    if not shown:
        return ()
    vms = ", ".join(str(vm.vmid) for vm in newer)
    return (finding("vm-machine-too-new", Severity.WARNS, source, shown, vms=vms, qemu=facts.versions.qemu),)


def part_of_chip(facts: Facts, choices: Choices) -> Found:
    """A VM that holds a virtual function or a mediated part cannot live beside the whole chip."""
    shown = []
    for vm in facts.vms:
        for entry in entries(vm):
            mediated = entry.options.get("mdev", "").startswith("i915-")
            if mediated or any(VIRTUAL.match(host) for host in entry.hosts):
                shown.append(f"VM {vm.vmid}: {_line(vm, entry.key)}")
    source = f"{FAILURES}s 5, 29"
    return (finding("vm-part-of-chip", Severity.WARNS, source, tuple(shown)),) if shown else ()


def lines_in_snapshot(facts: Facts, choices: Choices) -> Found:
    """Lines appended to the file land in its last section: a snapshot's, where they have no effect."""
    shown = []
    for vm in facts.vms:
        section, seen = "", dict[str, int]()
        for line in vm.text.splitlines():
            key = line.partition(":")[0]
            if line.startswith("["):
                section, seen = line.strip(), {}
            elif section and re.match(r"(args|hostpci\d+|vga)$", key):
                seen[key] = seen.get(key, 0) + 1
                if seen[key] > 1 or (key not in vm.options and key != "vga"):
                    shown.append(f"VM {vm.vmid} {section}: {line}")
    source = f"{FAILURES} 27"
    return (finding("vm-lines-in-snapshot", Severity.WARNS, source, tuple(shown)),) if shown else ()
