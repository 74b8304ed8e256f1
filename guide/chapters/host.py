"""Chapter 1: the host itself - kernel command line, vfio, restart."""

from __future__ import annotations

from guide import igd
from guide.change import Change, Cost
from guide.changes.files import EditFile
from guide.changes.reboot import Reboot
from guide.chapters.claims import claim
from guide.check import Check, Verdict
from guide.events import Question, QuestionKind
from guide.facts import cmdline, grub, modprobe
from guide.facts.assignments import is_effective
from guide.facts.model import Facts, Loader, PciDevice
from guide.message import Message, message
from guide.step import Step, View

REQUIRED = ("intel_iommu=on", "initcall_blacklist=sysfb_init")
"""The guide's two arguments (facts: pve.md 5.1, 5.2: harmless where the IOMMU is on by default)."""

GRUB_FILE = "/etc/default/grub"
KERNEL_CMDLINE = "/etc/kernel/cmdline"


class KernelCommandLine(Step):
    """1.1: the boot loader that this host really uses gets the two arguments; foreign ones are kept."""

    id = "cmdline"
    number = "1.1"
    chapter = 1

    def blockers(self, view: View) -> tuple[Message, ...]:
        return (message("blocker.boot-loader-unknown"),) if view.facts.boot.kind is None else ()

    def changes(self, view: View) -> tuple[Change, ...]:
        facts = view.facts
        if facts.boot.kind is None:
            return ()
        path, before, after, then = _boot_edit(facts)
        edit = EditFile(path, before, after, "kernel-command-line", then, frozenset({Cost.REBOOT}))
        if before == after and _next_boot_has_arguments(view, edit.id):
            return ()
        return (edit,)

    def checks(self, view: View) -> tuple[Check, ...]:
        facts = view.facts
        if facts.boot.kind is None:
            return (claim("boot-loader-known", Verdict.UNKNOWN, "\n".join(facts.boot.evidence)),)
        path, before, after, _ = _boot_edit(facts)
        upcoming = facts.next_arguments
        if upcoming is None:
            verdict = Verdict.OK if f"file:{path}:kernel-command-line" in view.finished else Verdict.UNKNOWN
        else:
            verdict = Verdict.OK if _has_arguments(upcoming) else Verdict.FAIL
        written = Verdict.OK if before == after else Verdict.FAIL
        return (
            claim("arguments-written", written, _shown(before, path), command=f"cat {path}", path=path),
            claim("next-boot-has-arguments", verdict, " ".join(upcoming or ()), loader=facts.boot.kind.value),
        )


class Vfio(Step):
    """1.2: the ids of the two functions, and what makes vfio-pci bind before the host's own drivers."""

    id = "vfio"
    number = "1.2"
    chapter = 1

    def changes(self, view: View) -> tuple[Change, ...]:
        edit = _vfio_edit(view)
        current = view.facts.initramfs_current
        in_initramfs = edit.id in view.finished if current is None else current
        return () if edit.before == edit.after and in_initramfs else (edit,)

    def checks(self, view: View) -> tuple[Check, ...]:
        edit = _vfio_edit(view)
        path = edit.path
        written = Verdict.OK if edit.before == edit.after else Verdict.FAIL
        current = view.facts.initramfs_current
        fresh = {True: Verdict.OK, False: Verdict.FAIL, None: Verdict.UNKNOWN}[current]
        return (
            claim("vfio-ids-written", written, edit.before or "", command=f"cat {path}", ids=_ids(view)),
            claim("initramfs-current", fresh, command=f"ls -l /boot/initrd.img-* {path}"),
        )


class Restart(Step):
    """1.3: another boot, seen by its boot id; then the command line, the IOMMU and the drivers are looked at."""

    id = "reboot"
    number = "1.3"
    chapter = 1

    def changes(self, view: View) -> tuple[Change, ...]:
        facts = view.facts
        missing = not _has_arguments(facts.running_arguments) or not facts.iommu_enabled
        wrong_driver = any(device.driver not in ("vfio-pci", None) for device in handed_over(view))
        # One restart of ours that did not help is not repeated: PVE rebinds at VM start (facts: pve.md 1.6).
        tried = view.memory.get("boot_id") == facts.boot_id
        return (Reboot(facts.boot_id),) if missing or (wrong_driver and not tried) else ()

    def questions(self, view: View) -> tuple[Question, ...]:
        return (_consent("display_goes_dark"), _consent("reboot"))

    def checks(self, view: View) -> tuple[Check, ...]:
        facts = view.facts
        running = facts.running_arguments
        shown = " ".join(running)
        groups = {device.iommu_group for device in facts.pci} - {None}
        arguments = tuple(
            claim(
                "kernel-argument",
                Verdict.OK if is_effective(running, argument) else Verdict.FAIL,
                shown,
                command="cat /proc/cmdline",
                argument=argument,
            )
            for argument in REQUIRED
        )
        screen = {None: Verdict.UNKNOWN, "": Verdict.OK}.get(facts.framebuffer, Verdict.WARN)
        iommu = Verdict.OK if facts.iommu_enabled and groups else Verdict.FAIL
        return (
            *arguments,
            claim("iommu-groups", iommu, str(len(groups)), command="ls /sys/kernel/iommu_groups"),
            *(_driver_check(device) for device in handed_over(view)),
            claim("framebuffer-free", screen, facts.framebuffer or "", command="cat /proc/fb"),
        )


def handed_over(view: View) -> tuple[PciDevice, ...]:
    """The functions that Windows gets: the iGPU, and the audio function where it is wanted and there."""
    gpu = igd.igpu(view.facts)
    if gpu is None:
        return ()
    sound = igd.audio(view.facts, gpu) if view.choices.pass_audio else None
    return (gpu,) if sound is None else (gpu, sound)


def _driver_check(device: PciDevice) -> Check:
    verdict = Verdict.OK if device.driver == "vfio-pci" else Verdict.WARN
    return claim(
        "driver-bound",
        verdict,
        device.driver or "-",
        command=f"lspci -nnk -s {device.address}",
        address=device.address,
        ids=device.ids,
    )


def _boot_edit(facts: Facts) -> tuple[str, str | None, str, tuple[str, ...]]:
    """(path, text now, text wanted, command that makes it effective) for the boot loader in use."""
    if facts.boot.kind is Loader.SYSTEMD_BOOT:
        text = facts.file_text(KERNEL_CMDLINE)
        return KERNEL_CMDLINE, text, cmdline.with_arguments(text or "", REQUIRED), ("proxmox-boot-tool", "refresh")
    text = facts.file_text(GRUB_FILE)
    return GRUB_FILE, text, grub.with_arguments(text or "", REQUIRED), ("update-grub",)


def _next_boot_has_arguments(view: View, change: str) -> bool:
    if view.facts.next_arguments is None:
        return change in view.finished or _has_arguments(view.facts.running_arguments)
    return _has_arguments(view.facts.next_arguments)


def _has_arguments(words: tuple[str, ...]) -> bool:
    return all(is_effective(words, argument) for argument in REQUIRED)


def _vfio_edit(view: View) -> EditFile:
    facts = view.facts
    devices = handed_over(view)
    gpu = devices[0] if devices else None
    sound = devices[1] if len(devices) > 1 else None
    drivers = igd.softdep_drivers(gpu, sound, facts) if gpu else ()
    # Ids of a line that no longer counts, while vfio-pci still holds their device: the next boot must not lose it.
    named = modprobe.vfio_ids(modprobe.parse(facts.files))
    held = [device.ids for device in facts.pci if device.driver == "vfio-pci" and device.ids in named]
    ids = tuple(dict.fromkeys((*held, *(device.ids for device in devices))))
    path, before, after = modprobe.vfio_edit(facts.files, ids, drivers)
    then = ("update-initramfs", "-u", "-k", "all")
    return EditFile(path, before, after, "vfio", then, frozenset({Cost.REBOOT, Cost.CONSOLE}))


def _ids(view: View) -> str:
    return ",".join(device.ids for device in handed_over(view))


def _shown(text: str | None, path: str) -> str:
    """The line of the file that matters, as found."""
    lines = (text or "").splitlines()
    if path == KERNEL_CMDLINE:
        return " ".join(lines)
    return next((line for line in reversed(lines) if line.startswith("GRUB_CMDLINE_LINUX_DEFAULT=")), "")


def _consent(key: str) -> Question:
    return Question(
        key,
        QuestionKind.CONFIRM,
        message(f"question.{key}.title"),
        message(f"question.{key}.text"),
        message(f"question.{key}.yes"),
        message(f"question.{key}.no"),
        danger=True,
    )
