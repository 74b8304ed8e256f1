"""From the journal to what a step may know: remembered answers, the VM that we made, the boot after our restart."""

from __future__ import annotations

from typing import Any

from guide.changes.reboot import Reboot
from guide.changes.vm_create import CreateVm, is_there
from guide.finding import Finding, Severity
from guide.host import Api
from guide.journal import Journal
from guide.state import StepState
from guide.step import Step, View

NEVER_FORBIDDEN = ("connect", "check")
"""Steps that look at the host, or mend what stops: a finding that forbids going on does not forbid them."""


def remembered(journal: Journal, api: Api) -> dict[str, Any]:
    """The journal's memory, with "vmid" and "boot_id" taken from the changes that are in effect.

    A creation that was not finished counts only where the host has that very VM.
    """
    memory = journal.memory()
    for standing in journal.standing():
        if standing.kind == CreateVm.kind:
            if standing.finished or is_there(api, standing.record):
                memory["vmid"] = standing.record["vmid"]
        elif standing.kind == Reboot.kind and standing.record.get("boot_id_after"):
            memory["boot_id"] = standing.record["boot_id_after"]
    return memory


def finished(journal: Journal) -> frozenset[str]:
    """The changes that ended well. Not an edit whose file was edited again since without an end: the command that makes
    the file effective has failed for both."""
    found: dict[str, Any] = {}
    for standing in journal.standing():
        path = standing.record.get("path")
        if standing.finished:
            found[standing.change] = path
        elif path:
            found = {change: other for change, other in found.items() if other != path}
    return frozenset(found)


def stopping(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that forbid going on."""
    return tuple(finding for finding in findings if finding.severity is Severity.STOPS)


def judge_states(steps: tuple[Step, ...], view: View, before: dict[str, StepState]) -> dict[str, StepState]:
    """The state of every step, from what the host really is. A failed or undone step stays so until it is fulfilled."""
    stopped = bool(stopping(view.findings))
    states: dict[str, StepState] = {}
    open_before = False
    for step in steps:
        state = StepState.TODO
        if stopped and step.id not in NEVER_FORBIDDEN:
            state = StepState.TODO
        elif view.memory.get(f"skip.{step.id}"):
            state = StepState.SKIPPED
        elif not open_before and step.is_fulfilled(view):
            state = StepState.DONE
        elif before[step.id] in (StepState.FAILED, StepState.UNDONE, StepState.RUNNING, StepState.CHECKING):
            state = before[step.id]
        elif not open_before:
            state = StepState.NEEDS_YOU if stopped or step.blockers(view) else StepState.READY
        open_before = open_before or not state.is_settled
        states[step.id] = state
    return states
