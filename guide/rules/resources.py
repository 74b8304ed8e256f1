"""What the VM needs, and who else uses the chip."""

from __future__ import annotations

from guide import igd
from guide.choices import Choices
from guide.facts.hostpci import entries
from guide.facts.model import Facts
from guide.finding import Finding, Severity
from guide.rules.groups import companions
from guide.rules.make import finding

Found = tuple[Finding, ...]

SPARE = 1536 << 20
"""Bytes that the host itself should keep."""


def no_storage(facts: Facts, choices: Choices) -> Found:
    """Disks need a storage for images, the discs one for ISO files."""
    if not facts.storages:
        return ()
    found = []
    for content in ("images", "iso"):
        if not any(storage.active and content in storage.content for storage in facts.storages):
            shown = tuple(f"{storage.name}: {','.join(sorted(storage.content))}" for storage in facts.storages)
            found.append(finding(f"no-{content}-storage", Severity.STOPS, "facts: pve.md 3.3", shown, step="media"))
    return tuple(found)


def little_memory(facts: Facts, choices: Choices) -> Found:
    """All of the VM's memory is pinned at its start, so it must really be there."""
    total = facts.memory_bytes
    if total is None or choices.vm.memory * (1 << 20) + SPARE <= total:
        return ()
    shown = (f"MemTotal: {total >> 20} MiB", f"VM: {choices.vm.memory} MiB")
    return (finding("little-memory", Severity.WARNS, "facts: windows-and-rom.md B.3", shown, step="create"),)


def other_users(facts: Facts, choices: Choices) -> Found:
    """Only one VM can hold the chip or what is in its groups; a container that draws on it stops working."""
    gpu = igd.igpu(facts)
    if gpu is None and facts.pci:
        return ()
    sound = igd.audio(facts, gpu) if gpu and choices.pass_audio else None
    leaving = [igd.USUAL_ADDRESS if gpu is None else gpu.address]
    for device in (gpu, sound):
        leaving += [other.address for other in (device, *companions(facts, device))] if device else []
    shown = tuple(
        f"VM {vm.vmid} {vm.name}: {entry.key}: {entry.text}"
        for vm in facts.vms
        if vm.name != choices.vm.name
        for entry in entries(vm)
        if any(entry.takes(address) for address in leaving)
    )
    shown += tuple(f"CT {container.ctid}: /dev/dri" for container in facts.containers if container.uses_dri)
    source = "facts: pve.md 1.6 (reservations)"
    return (finding("chip-in-use", Severity.WARNS, source, shown, step="configure"),) if shown else ()


def running_vms(facts: Facts, choices: Choices) -> Found:
    """They are shut down when the host restarts."""
    shown = tuple(f"VM {vm.vmid} {vm.name}" for vm in facts.vms if vm.running)
    return (finding("running-vms", Severity.INFORMS, "facts: pve.md 3.3", shown, step="reboot"),) if shown else ()
