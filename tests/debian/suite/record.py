"""What a test saw, as data that must be the same on every tier: facts, findings, previews, checks, journal."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from guide.change import Change
from guide.check import Check
from guide.facts.model import Facts
from guide.finding import Finding
from guide.journal import Journal
from guide.session import Session
from tests.debian.suite import normal
from tests.debian.tier import AUDIO, IGPU

FILES = (
    "/etc/default/grub.d/proxmox-ve.cfg",
    "/etc/kernel/cmdline",
    "/etc/kernel/proxmox-boot-uuids",
    "/etc/modprobe.d/vfio.conf",
)


def facts(seen: Facts) -> dict[str, Any]:
    """The part of the survey that the guide acts on."""
    devices = {address: seen.device(address) for address in (IGPU, AUDIO)}
    return {
        "node": seen.node,
        "versions": [seen.versions.pve, seen.versions.qemu, seen.versions.qemu_server],
        "cpu": [seen.cpu.model, seen.cpu.vendor],
        "loader": seen.boot.kind.value if seen.boot.kind else None,
        "efi": seen.boot.efi,
        "running": normal.arguments(seen.running_arguments),
        "next": normal.arguments(seen.next_arguments),
        "devices": {
            address: [device.ids, device.class_code, device.driver, device.boot_vga, device.iommu_group is not None]
            for address, device in devices.items()
            if device is not None
        },
        "iommu": seen.iommu_enabled,
        "dmar": seen.has_dmar,
        "storages": [
            [storage.name, storage.type, sorted(storage.content), storage.active] for storage in seen.storages
        ],
        "isos": sorted(iso.volid for iso in seen.isos),
        "roms": sorted([rom.name, rom.size, rom.sha256] for rom in seen.roms),
        "vms": [[vm.vmid, vm.name, vm.running] for vm in seen.vms],
        "bridges": list(seen.network.bridges),
        "initramfs_current": seen.initramfs_current,
        "properties": sorted(name for name in seen.vfio_properties or () if name.startswith("x-igd")),
        "files": {path: seen.file_text(path) for path in FILES if seen.file_text(path) is not None},
    }


def findings(seen: tuple[Finding, ...]) -> list[list[str]]:
    """Id and severity; evidence is in the host's own words."""
    return sorted([finding.id, finding.severity.value] for finding in seen if finding.id not in normal.FINDINGS)


def preview(change: Change) -> dict[str, Any]:
    """Only what is added and taken away: the lines around it are the distribution's."""
    shown = change.preview
    return {
        "change": change.id,
        "costs": sorted(cost.value for cost in change.costs),
        "diffs": {diff.path: [line for line in diff.lines() if line[0] in "+-"] for diff in shown.diffs},
        "keys": [[key, before, after] for key, before, after in shown.keys],
        "commands": list(shown.commands),
        "copies": [[name(source), place] for source, place in shown.copies],
    }


def name(path: str) -> str:
    return PurePosixPath(path).name if "/" in path else PureWindowsPath(path).name


def step(session: Session, step_id: str, changes: tuple[Change, ...]) -> dict[str, Any]:
    """What a step showed before, and how its claims stand after."""
    return {
        "step": step_id,
        "previews": [preview(change) for change in changes],
        "state": session.states[step_id].value,
        "checks": checks(session.evidence.get(step_id, ())),
    }


def checks(seen: tuple[Check, ...]) -> list[list[str]]:
    """Id and verdict. Where a finding of the tier's own was all that was found, nothing is in the way."""
    kept = [check for check in seen if check.id.removeprefix("finding-") not in normal.FINDINGS]
    return [[check.id, check.verdict.value] for check in kept] or [["nothing-in-the-way", "ok"]] * bool(seen)


def journal(written: Journal) -> list[list[str]]:
    """Phase, step, change and kind of every entry; the records hold times and hashes of the host's own files."""
    return [[entry.phase, entry.step, entry.change, entry.kind] for entry in written.entries]


def named(value: Any) -> Any:
    """The same with every text normalised."""
    if isinstance(value, str):
        return normal.text(value)
    if isinstance(value, dict):
        return {normal.text(key): named(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [named(inner) for inner in value]
    return value
