"""The states of a step: one glyph and one word each, the same in the rail, the log and the report."""

from __future__ import annotations

from enum import Enum


class StepState(Enum):
    """The words are in the catalogues (`state.<value>`); the order is that of a step's life."""

    TODO = "todo"
    CHECKING = "checking"
    READY = "ready"
    RUNNING = "running"
    NEEDS_YOU = "needs-you"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDONE = "undone"

    @property
    def glyph(self) -> str:
        return _GLYPHS[self]

    @property
    def is_settled(self) -> bool:
        """Whether the next step may act."""
        return self in (StepState.DONE, StepState.SKIPPED)


_GLYPHS = {
    StepState.TODO: "○",
    StepState.CHECKING: "◌",
    StepState.READY: "●",
    StepState.RUNNING: "▶",
    StepState.NEEDS_YOU: "!",
    StepState.DONE: "✓",
    StepState.FAILED: "✗",
    StepState.SKIPPED: "–",
    StepState.UNDONE: "↶",
}
