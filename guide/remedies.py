"""Remedies that the program itself can apply: from the id of a finding to changes, previewed and undoable as all are.

They belong to the step "check": what the person chose (`Choices.remedies`) is what that step changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from guide import chip_args, igd
from guide.change import Change, Cost
from guide.changes.files import EditFile
from guide.changes.package import HoldPackage
from guide.changes.vm_config import ConfigureVm
from guide.facts import cmdline, grub, modprobe
from guide.facts.model import Facts, HostFile, Loader
from guide.rules import residue, vm
from guide.rules.boot import CMDLINE_FILE, GRUB_LOADERS
from guide.step import View

Changes = tuple[Change, ...]

GRUB_FILE = "/etc/default/grub"
INITRAMFS = ("update-initramfs", "-u", "-k", "all")


def offered(view: View) -> frozenset[str]:
    """The findings of this host that the program can mend."""
    return frozenset(finding.id for finding in view.findings if changes_for(finding.id, view.facts))


def chosen(view: View) -> Changes:
    """What the chosen remedies change. Those of one file become one edit: each begins where the one before it ends."""
    facts, found = view.facts, dict[str, Change]()
    for identity in dict.fromkeys(finding.id for finding in view.findings if finding.id in view.choices.remedies):
        for change in changes_for(identity, facts):
            earlier = found.get(change.id)
            if isinstance(change, EditFile):
                facts = replace(facts, files={**facts.files, change.path: HostFile(change.path, change.after)})
                change = replace(change, before=earlier.before) if isinstance(earlier, EditFile) else change
            found[change.id] = change
    return tuple(found.values())


def changes_for(identity: str, facts: Facts) -> Changes:
    """What mends the finding `identity`; empty where only the person can."""
    remedy = REMEDIES.get(identity)
    return remedy(facts) if remedy else ()


def _hold_qemu(facts: Facts) -> Changes:
    """The last QEMU that takes the chip, where this host's apt can still install it."""
    gpu = igd.igpu(facts)
    pin = igd.pinned(gpu.device, facts.versions.qemu) if gpu else None
    if pin is None or pin["version"] not in facts.available:
        return ()
    package = pin["package"]
    return (HoldPackage(package, facts.versions.qemu or "", pin["version"], package in facts.holds),)


def _disable_vga(facts: Facts) -> Changes:
    def edit(words: list[str]) -> list[str]:
        return [word for word in words if word != "disable_vga=1"]

    return (*_modprobe(facts, edit), *_arguments(facts, lambda word: word == "vfio-pci.disable_vga=1"))


def _ids_once(facts: Facts) -> Changes:
    """All ids in the first line that has any."""
    waiting = ",".join(modprobe.vfio_ids(modprobe.parse(facts.files)))

    def edit(words: list[str]) -> list[str]:
        nonlocal waiting
        if not modprobe.gives_ids(words):
            return words
        ids, waiting = waiting, ""
        others = [word for word in words if not word.startswith("ids=")]
        return [*others[:2], f"ids={ids}", *others[2:]] if ids else others

    return _modprobe(facts, edit)


def _own_ids(facts: Facts) -> Changes:
    """Without the ids of devices that are not here."""
    present = {device.ids for device in facts.pci}

    def edit(words: list[str]) -> list[str]:
        if words[0] != "options" or words[1:2] not in (["vfio-pci"], ["vfio_pci"]):
            return words
        kept = []
        for word in words:
            ids = word.removeprefix("ids=").split(",") if word.startswith("ids=") else []
            mine = [identity for identity in ids if identity.lower() in present]
            if not ids or mine:
                kept.append(f"ids={','.join(mine)}" if mine else word)
        return kept

    return _modprobe(facts, edit)


def _no_virqfd(facts: Facts) -> Changes:
    """The module's line goes from every list of modules."""
    found: list[Change] = []
    for path, file in sorted(facts.files.items()):
        if path == "/etc/modules" or path.startswith(residue.MODULE_LISTS):
            lines = (file.text or "").splitlines(keepends=True)
            after = "".join(line for line in lines if line.strip() != "vfio_virqfd")
            then = INITRAMFS if "initramfs" in path else ()
            found += _edit(file, after, "remedy-modules", then)
    return tuple(found)


def _harmful(facts: Facts) -> Changes:
    return _arguments(facts, lambda word: residue.HARMFUL.match(word) is not None)


def _useless(facts: Facts) -> Changes:
    return _arguments(facts, lambda word: residue.USELESS.match(word) is not None)


def _outdated_vms(facts: Facts) -> Changes:
    """The lines that this QEMU needs, for every VM that holds the chip and whose own do not fit."""
    gpu = igd.igpu(facts)
    decision = igd.decide(gpu.device, facts.versions.qemu) if gpu else None
    if gpu is None or decision is None or not decision.possible:
        return ()
    found: list[Change] = []
    for machine, entry in vm.holders(facts):
        before = machine.options.get("args")
        wanted = chip_args.mended(before or "", gpu.device, facts.versions.qemu, facts.vfio_properties)
        confirmed = not igd.unconfirmed(decision.args, facts.vfio_properties)
        if entry.key == "hostpci0" and entry.is_on and confirmed and wanted != before:
            found.append(ConfigureVm(machine.vmid, (("args", before),), (("args", wanted),), "remedy-vm"))
    return tuple(found)


def _modprobe(facts: Facts, edit: Callable[[list[str]], list[str]]) -> Changes:
    found: list[Change] = []
    for path in modprobe.read(facts.files):
        text, target = facts.files[path].text or "", modprobe.own(path)
        after = modprobe.edited(text, edit)
        if after != text:
            before = HostFile(target, text if target == path else None)
            found += _edit(before, after, "remedy-modprobe", INITRAMFS)
    return tuple(found)


def _arguments(facts: Facts, is_gone: Callable[[str], bool]) -> Changes:
    """Out of the file that the boot loader in use reads."""
    systemd = facts.boot.kind is Loader.SYSTEMD_BOOT
    file = facts.files.get(CMDLINE_FILE if systemd else GRUB_FILE)
    if file is None or not (systemd or facts.boot.kind in GRUB_LOADERS):
        return ()
    editor, then = (cmdline, ("proxmox-boot-tool", "refresh")) if systemd else (grub, ("update-grub",))
    return _edit(file, editor.without_arguments(file.text or "", is_gone), "remedy-arguments", then)


def _edit(file: HostFile, after: str, purpose: str, then: tuple[str, ...]) -> Changes:
    if after == file.text:
        return ()
    return (EditFile(file.path, file.text, after, purpose, then, frozenset({Cost.REBOOT})),)


REMEDIES: dict[str, Callable[[Facts], Changes]] = {
    "qemu-refuses-chip": _hold_qemu,
    "disable-vga": _disable_vga,
    "ids-twice": _ids_once,
    "foreign-ids": _own_ids,
    "virqfd": _no_virqfd,
    "harmful-arguments": _harmful,
    "useless-arguments": _useless,
    "vm-outdated": _outdated_vms,
}
