"""Chapter 3: Windows is installed, its address is known, Remote Desktop is open."""

from __future__ import annotations

import time
from collections.abc import Callable

from guide.change import Change
from guide.changes.guest import EnableRemoteDesktop
from guide.changes.vm_power import StartVm
from guide.chapters.claims import claim, judged
from guide.chapters.machine import vmid
from guide.check import Check, Verdict
from guide.events import Question, QuestionKind
from guide.message import Message, message
from guide.step import SettleContext, Step, View

POLL = 4.0
"""Seconds between looks; pveproxy closes an idle connection after 5 (facts: performance.md section 3)."""


class InstallWindows(Step):
    """The VM runs, the person (or the answer file) installs Windows, the guest agent answers."""

    id = "install"
    number = "3.1"
    chapter = 3
    needs_vm = True

    def blockers(self, view: View) -> tuple[Message, ...]:
        return () if view.vm else (message("blocker.no-vm"),)

    def changes(self, view: View) -> tuple[Change, ...]:
        if view.vm is None or view.vm.status == "running":
            return ()
        return (StartVm(view.vm.vmid, "install"),)

    def checks(self, view: View) -> tuple[Check, ...]:
        vm = view.vm
        number = vmid(view) or 0
        said = bool(view.memory.get("answer.windows_installed"))
        running = vm is not None and vm.status == "running"
        agent = Verdict.OK if vm and vm.agent else Verdict.WARN if said else Verdict.FAIL
        finished = vm.setup_finished if vm else None
        return (
            judged("vm-runs", running, vm.status if vm else "", command=f"qm status {number}"),
            claim("agent-answers", agent, command=f"qm agent {number} ping"),
            judged("windows-ready", True if said and finished is None else finished),
        )

    def settle(self, context: SettleContext) -> None:
        """Look until the agent answers and Windows says that setup is over, or the person says so."""
        said = context.offer(person_says("windows_installed"))
        limit = context.view.choices.wait_minutes * 60
        started = time.monotonic()
        while (waited := time.monotonic() - started) < limit and not said():
            vm = context.observe().vm
            if vm and vm.agent and vm.setup_finished is not False:
                return
            note = message("windows.setup-runs" if vm and vm.agent else "windows.waiting-for-agent")
            context.progress(waited, None, "seconds", note)
            context.cancel.wait(POLL)

    def is_fulfilled(self, view: View) -> bool:
        return bool(view.memory.get("done.install")) or super().is_fulfilled(view)


class RemoteDesktop(Step):
    """The second way into Windows, proven before its display is taken away."""

    id = "remote"
    number = "3.2"
    chapter = 3
    needs_vm = True
    optional = True

    def blockers(self, view: View) -> tuple[Message, ...]:
        return () if view.vm else (message("blocker.no-vm"),)

    def changes(self, view: View) -> tuple[Change, ...]:
        vm = view.vm
        # Only what is known to be off is switched on: the undo puts exactly that back.
        if view.choices.lane != "assisted" or vm is None or not vm.agent or vm.remote_desktop_enabled is None:
            return ()
        if vm.remote_desktop_enabled and vm.rdp_open is not False:
            return ()
        return (EnableRemoteDesktop(vm.vmid, not vm.remote_desktop_enabled, not vm.rdp_open),)

    def checks(self, view: View) -> tuple[Check, ...]:
        vm = view.vm
        addresses = vm.addresses if vm else ()
        network = f"qm guest cmd {vmid(view) or 0} network-get-interfaces"
        return (
            judged("guest-address", bool(addresses), ", ".join(addresses), command=network),
            judged("remote-desktop-open", bool(vm and vm.rdp_open), f"{addresses[0]}:3389" if addresses else ""),
        )

    def settle(self, context: SettleContext) -> None:
        """Windows opens the port a moment after the switch."""
        wait_until(context, lambda view: bool(view.vm and view.vm.rdp_open), 60, "windows.waiting-for-rdp")

    def is_fulfilled(self, view: View) -> bool:
        return bool(view.memory.get("done.remote")) or super().is_fulfilled(view)


def person_says(key: str) -> Question:
    """A question that stays open while we look ourselves: the person may know sooner."""
    title, text, yes = (message(f"question.{key}.{part}") for part in ("title", "text", "yes"))
    return Question(key, QuestionKind.WAIT_FOR_PERSON, title, text, yes)


def wait_until(context: SettleContext, holds: Callable[[View], bool], seconds: float, note: str) -> bool:
    """Observe the VM until `holds` or the time is over; True where it came to hold."""
    started = time.monotonic()
    while not holds(context.observe()):
        waited = time.monotonic() - started
        if waited > seconds:
            return False
        context.progress(waited, seconds, "seconds", message(note))
        context.cancel.wait(min(POLL, seconds / 10))
    return True
