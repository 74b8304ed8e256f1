"""Chapter 4.1-4.3: the iGPU, its sound and its ROM move into the VM, in one change of its configuration."""

from __future__ import annotations

import shlex
from pathlib import Path

from guide import chip_args, igd
from guide.change import Change
from guide.changes.media import UploadFile
from guide.changes.vm_config import ConfigureVm
from guide.changes.vm_power import ShutDownVm
from guide.chapters import slots
from guide.chapters.claims import claim, judged
from guide.chapters.host import handed_over
from guide.chapters.machine import vmid
from guide.check import Check, Verdict
from guide.facts.model import RomFile
from guide.message import Message, message
from guide.rom.desk import RomVerdict, judge_file
from guide.step import Step, View

ROM_FOLDER = "/usr/share/kvm"
"""The only place where `romfile=` looks (facts: pve.md 1.1)."""


class Devices(Step):
    """4.1: what Windows takes over, what the host loses, and a second way in; Windows is shut down."""

    id = "devices"
    number = "4.1"
    chapter = 4
    needs_vm = True

    def blockers(self, view: View) -> tuple[Message, ...]:
        return slots.taken(view) if view.vm else (message("blocker.no-vm"),)

    def changes(self, view: View) -> tuple[Change, ...]:
        if view.vm is None or view.vm.status != "running" or not differences(view) or slots.taken(view):
            return ()
        return (ShutDownVm(view.vm.vmid),)

    def checks(self, view: View) -> tuple[Check, ...]:
        devices = handed_over(view)
        gpu = devices[0] if devices else None
        sound = devices[1] if len(devices) > 1 else None
        remote = view.memory.get("done.remote")
        lspci = "lspci -nn"
        # Once the VM has its new lines it may run again; until then it must be off.
        off = (judged("vm-off", view.vm.status == "stopped", view.vm.status),) if view.vm and differences(view) else ()
        return (
            judged("igpu-there", gpu is not None, f"{gpu.address} {gpu.ids} {gpu.name}" if gpu else "", command=lspci),
            claim(
                "audio-there",
                Verdict.OK if sound or not view.choices.pass_audio else Verdict.WARN,
                f"{sound.address} {sound.ids} {sound.name}" if sound else "",
                command=lspci,
            ),
            claim("second-way-in", Verdict.OK if remote else Verdict.WARN, "3389" if remote else ""),
            *off,
        )

    def is_fulfilled(self, view: View) -> bool:
        return (view.vm is not None and not differences(view)) or super().is_fulfilled(view)


class Rom(Step):
    """4.2: the vBIOS ROM, judged before it is used, goes to the folder where QEMU looks for it."""

    id = "rom"
    number = "4.2"
    chapter = 4

    def blockers(self, view: View) -> tuple[Message, ...]:
        if not rom_name(view):
            return (message("blocker.rom-not-chosen"),)
        if view.choices.rom and not Path(view.choices.rom).is_file():
            return (message("blocker.file-missing", path=view.choices.rom),)
        verdict = rom_verdict(view)
        if verdict is None:
            return _wrong_era(view)
        return verdict.reasons if verdict.fits == "no" else ()

    def changes(self, view: View) -> tuple[Change, ...]:
        verdict = rom_verdict(view)
        if self.blockers(view) or verdict is None:
            return ()
        there = stored_rom(view)
        if there is not None and there.sha256 == verdict.sha256:
            return ()
        return (UploadFile(view.choices.rom, f"{ROM_FOLDER}/{rom_name(view)}", "upload-rom"),)

    def checks(self, view: View) -> tuple[Check, ...]:
        there = stored_rom(view)
        name = rom_name(view)
        verdict = rom_verdict(view)
        same = there is not None and (verdict is None or there.sha256 == verdict.sha256)
        fits = {"yes": Verdict.OK, "no": Verdict.FAIL, "cannot-tell": Verdict.WARN}
        show = f"sha256sum {ROM_FOLDER}/{shlex.quote(name)}"
        stored = Verdict.FAIL if _wrong_era(view) else Verdict.UNKNOWN
        judgement = claim("rom-fits", fits[verdict.fits] if verdict else stored, name)
        return (judged("rom-there", same, there.sha256 or "" if there else "", command=show, key=name), judgement)


class Configure(Step):
    """4.3: hostpci0, the sound, vga and args, as this chip and this QEMU need them; PVE itself checks the result."""

    id = "configure"
    number = "4.3"
    chapter = 4
    needs_vm = True

    def blockers(self, view: View) -> tuple[Message, ...]:
        found = []
        if view.vm is None:
            found.append(message("blocker.no-vm"))
        elif view.vm.lock:
            found.append(message("blocker.vm-locked", lock=view.vm.lock))
        found += slots.taken(view)
        if not rom_name(view):
            found.append(message("blocker.rom-not-chosen"))
        lacking = igd.unconfirmed((wanted(view).get("args") or "").split(), view.facts.vfio_properties)
        if lacking and view.facts.vfio_properties is None:
            found.append(message("blocker.properties-unknown"))
        else:
            found += [message("blocker.property-missing", name=name) for name in lacking]
        return tuple(found)

    def changes(self, view: View) -> tuple[Change, ...]:
        missing = differences(view)
        if view.vm is None or self.blockers(view) or not missing:
            return ()
        before = tuple((key, view.vm.config.get(key)) for key in missing)
        return (ConfigureVm(view.vm.vmid, before, tuple(missing.items()), "passthrough"),)

    def checks(self, view: View) -> tuple[Check, ...]:
        config = view.vm.config if view.vm else {}
        show = f"qm config {vmid(view) or 0}"
        return tuple(
            judged(
                "vm-key", config.get(key) == value, str(config.get(key, "")), command=show, key=key, value=value or ""
            )
            for key, value in wanted(view).items()
        )


def wanted(view: View) -> dict[str, str | None]:
    """The lines of chapter 4 for this chip and this QEMU (the table is `guide.igd`); None: the key must not be set."""
    devices = handed_over(view)
    if not devices:
        return {}
    decision = igd.decide(devices[0].device, view.facts.versions.qemu)
    options = (devices[0].address, *decision.hostpci0, f"romfile={rom_name(view)}")
    before = str(view.vm.config.get("args", "")) if view.vm else ""
    args = chip_args.mended(before, devices[0].device, view.facts.versions.qemu, view.facts.vfio_properties)
    return {"vga": "none", "hostpci0": ",".join(options), **slots.others(view, devices), "args": args}


def differences(view: View) -> dict[str, str | None]:
    """What of `wanted` the VM does not have yet."""
    config = view.vm.config if view.vm else {}
    return {key: value for key, value in wanted(view).items() if config.get(key) != value}


def rom_name(view: View) -> str:
    """The ROM's name on the host: as chosen, else the file's own, else the one that the VM has."""
    chosen = view.choices.rom_name or Path(view.choices.rom.replace("\\", "/")).name
    return chosen or _configured_rom(view)


def _configured_rom(view: View) -> str:
    return next((entry.options.get("romfile", "") for entry in slots.held(view) if entry.key == "hostpci0"), "")


def stored_rom(view: View) -> RomFile | None:
    """The file of that name on the host, if any."""
    return next((rom for rom in view.facts.roms if rom.name == rom_name(view)), None)


def _wrong_era(view: View) -> tuple[Message, ...]:
    """Why the ROM that lies on the host cannot work, as far as its own texts tell."""
    devices, there, qemu = handed_over(view), stored_rom(view), view.facts.versions.qemu
    wanted = igd.decide(devices[0].device, qemu).rom_era if devices else None
    if there is None or there.era is None or wanted is None or there.era == wanted:
        return ()
    return (message(f"rom.era-{there.era.lower()}", qemu=qemu or ""),)


def rom_verdict(view: View) -> RomVerdict | None:
    """What the ROM desk says about the chosen file; None where no file on the workstation is chosen."""
    devices = handed_over(view)
    if not view.choices.rom or not devices or not Path(view.choices.rom).is_file():
        return None
    return judge_file(view.choices.rom, devices[0].device, view.facts.versions.qemu)
