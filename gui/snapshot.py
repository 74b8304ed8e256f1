"""What the window shows of a session, taken in the worker's thread, so that the window never asks the engine."""

from __future__ import annotations

from dataclasses import dataclass

from guide.check import Check
from guide.message import Message
from guide.plan import Plan
from guide.session import Session, UndoItem
from guide.state import StepState
from guide.step import View


@dataclass(frozen=True)
class StepSnapshot:
    """One step, as of the last survey."""

    state: StepState
    plan: Plan
    checks: tuple[Check, ...]
    blockers: tuple[Message, ...]


@dataclass(frozen=True)
class Snapshot:
    """The whole guide. `view` is None before the first survey."""

    view: View | None
    steps: dict[str, StepSnapshot]
    undo: tuple[UndoItem, ...]
    host: str
    practice: bool


def take(session: Session) -> Snapshot:
    """Everything at once; called in the worker's thread."""
    steps = {
        step.id: StepSnapshot(
            session.states[step.id], session.plan(step.id), session.checks(step.id), session.blockers(step.id)
        )
        for step in session.steps
    }
    return Snapshot(session.view, steps, session.undo_items(), session.host.name, session.host.is_practice)
