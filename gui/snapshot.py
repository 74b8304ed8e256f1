"""What the window shows of a session, taken in the worker's thread, so that the window never asks the engine."""

from __future__ import annotations

from dataclasses import dataclass

from guide.chapters.passthrough import rom_verdict
from guide.check import Check
from guide.choices import Choices
from guide.finding import Finding
from guide.message import Message
from guide.plan import Plan
from guide.rom.desk import RomVerdict
from guide.session import Session, UndoItem
from guide.state import StepState
from guide.step import View


@dataclass(frozen=True)
class StepSnapshot:
    """One step, as of the last survey. `evidence` is what was seen when it was verified, else what is seen now."""

    state: StepState
    plan: Plan
    checks: tuple[Check, ...]
    blockers: tuple[Message, ...]
    evidence: tuple[Check, ...]


@dataclass(frozen=True)
class Snapshot:
    """The whole guide. `view` is None before the first survey; `rom` the verdict on the chosen ROM file."""

    view: View | None
    steps: dict[str, StepSnapshot]
    undo: tuple[UndoItem, ...]
    choices: Choices
    rom: RomVerdict | None
    host: str
    practice: bool
    web_page: str
    """PVE's own, with the VM's console; "" where there is none."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.view.findings if self.view else ()

    @property
    def vmid(self) -> int | None:
        """The number of the guide's VM, once it exists."""
        return self.view.vm.vmid if self.view and self.view.vm else None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those of Windows."""
        return self.view.vm.addresses if self.view and self.view.vm else ()


def take(session: Session) -> Snapshot:
    """Everything at once; called in the worker's thread."""
    return Snapshot(
        session.view,
        {step.id: _step(session, step.id) for step in session.steps},
        session.undo_items(),
        session.choices,
        rom_verdict(session.view) if session.view else None,
        session.host.name,
        session.host.is_practice,
        session.host.web_page,
    )


def _step(session: Session, step_id: str) -> StepSnapshot:
    return StepSnapshot(
        session.states[step_id],
        session.plan(step_id),
        session.checks(step_id),
        session.blockers(step_id),
        session.evidence_of(step_id),
    )
