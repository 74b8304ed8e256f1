"""Chapter 4.4 and 5: the driver, the picture on the monitor, the sound - and the summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guide.change import Change
from guide.changes.vm_power import StartVm
from guide.chapters.claims import claim, judged
from guide.chapters.host import handed_over
from guide.chapters.machine import vmid
from guide.chapters.passthrough import differences
from guide.chapters.windows import person_says, wait_until
from guide.check import Check, Verdict
from guide.events import Question, QuestionKind
from guide.message import Message, message
from guide.state import StepState
from guide.step import SettleContext, Step, View, VmState

START_PATIENCE = 300
DRIVER_PATIENCE = 900
"""Seconds for Windows to start, and for its driver to arrive (Windows Update, or the person's installer)."""


class Driver(Step):
    """Windows starts with the iGPU, Intel's driver runs, and the person sees and hears it."""

    id = "driver"
    number = "4.4"
    chapter = 4
    needs_vm = True

    def blockers(self, view: View) -> tuple[Message, ...]:
        if view.vm is None:
            return (message("blocker.no-vm"),)
        return (message("blocker.not-configured"),) if differences(view) else ()

    def changes(self, view: View) -> tuple[Change, ...]:
        if view.vm is None or view.vm.status == "running":
            return ()
        return (StartVm(view.vm.vmid, "igpu"),)

    def settle(self, context: SettleContext) -> None:
        """Wait for the agent, then for the driver; the person may say that it is installed."""
        if not wait_until(context, lambda view: bool(view.vm and view.vm.agent), START_PATIENCE, "driver.starting"):
            return
        said = context.offer(person_says("driver_installed"))
        wait_until(
            context, lambda view: said() or _error_code(view) in (0, 43), DRIVER_PATIENCE, "driver.waiting-for-driver"
        )

    def checks(self, view: View) -> tuple[Check, ...]:
        vm = view.vm
        number = vmid(view) or 0
        adapter = _adapter(view)
        code = _error_code(view)
        shown = f"{adapter.get('Name', '')} {adapter.get('DriverVersion', '')}".strip() if adapter else ""
        works = {0: Verdict.OK, None: Verdict.UNKNOWN}.get(code, Verdict.FAIL)
        running = vm is not None and vm.status == "running"
        answered = tuple(_person(view, key) for key in asked_after(view))
        return (
            judged("vm-runs", running, vm.status if vm else "", command=f"qm status {number}"),
            claim("adapter-works", works, shown if code in (0, None) else f"{shown} (Code {code})", key=code or 0),
            *((_sound(vm),) if len(handed_over(view)) > 1 else ()),
            *answered,
        )

    def questions_after(self, view: View) -> tuple[Question, ...]:
        return tuple(_question(key) for key in asked_after(view))

    def is_fulfilled(self, view: View) -> bool:
        return bool(view.memory.get("done.driver")) and view.vm is not None and not differences(view)


class Done(Step):
    """5: evidence for every claim, the report, and the way back."""

    id = "done"
    number = "5"
    chapter = 5

    def changes(self, view: View) -> tuple[Change, ...]:
        return ()

    def checks(self, view: View) -> tuple[Check, ...]:
        """Judged by how all other steps stand now."""
        others = {number: state for number, state in view.states.items() if number != self.number}
        still_open = [number for number, state in others.items() if not state.is_settled]
        skipped = [number for number, state in others.items() if state is StepState.SKIPPED]
        known = Verdict.WARN if skipped else Verdict.OK if others else Verdict.UNKNOWN
        return (claim("guide-finished", Verdict.FAIL if still_open else known, ", ".join(still_open or skipped)),)

    def is_fulfilled(self, view: View) -> bool:
        return bool(view.memory.get("done.done"))


def asked_after(view: View) -> tuple[str, ...]:
    """Only the person can see the monitor and hear its speakers."""
    return ("picture", "sound") if len(handed_over(view)) > 1 else ("picture",)


def _adapter(view: View) -> Mapping[str, Any] | None:
    devices = handed_over(view)
    if view.vm is None or not devices:
        return None
    mark = f"VEN_{devices[0].vendor}&DEV_{devices[0].device}".lower()
    return next((row for row in view.vm.display_adapters if mark in str(row.get("PNPDeviceID", "")).lower()), None)


def _error_code(view: View) -> int | None:
    """Device Manager's code of the iGPU in Windows: 0 works, 28 no driver, 43 stopped; None where unknown."""
    adapter = _adapter(view)
    code = adapter.get("ConfigManagerErrorCode") if adapter else None
    return code if isinstance(code, int) else None


def _sound(vm: VmState | None) -> Check:
    devices = [row for row in vm.sound_devices if row.get("Status") == "OK"] if vm else []
    names = ", ".join(str(row.get("FriendlyName", "")) for row in devices)
    return claim("sound-device", Verdict.OK if devices else Verdict.WARN, names)


def _person(view: View, key: str) -> Check:
    answer = view.memory.get(f"answer.{key}")
    return judged(f"person-{key}", answer if isinstance(answer, bool) else None)


def _question(key: str) -> Question:
    title, text, yes, no = (message(f"question.{key}.{part}") for part in ("title", "text", "yes", "no"))
    return Question(key, QuestionKind.YES_NO, title, text, yes, no)
