"""How the engine speaks: events with a time, host text cleaned and secrets masked on the way out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from guide.clean import Redactor, clean
from guide.errors import AppError
from guide.events import ChangeStarted, Event, Failed, Level, LogLine, Progress, StateChanged
from guide.message import Message
from guide.state import StepState

Unit = Literal["bytes", "seconds", "percent"]


class Voice:
    """Bound to a listener; `step` is whose events these are."""

    def __init__(self, emit: Callable[[Event], None], redact: Redactor, step: str = "") -> None:
        self.emit = emit
        self.redact = redact
        self.step = step

    def of(self, step: str) -> Voice:
        """The same voice, speaking for another step."""
        return Voice(self.emit, self.redact, step)

    def say(self, text: Message, level: Level = "info") -> None:
        """Our own words into the log."""
        self.emit(LogLine(time.time(), self.step, level, "app", message=text))

    def quote(self, stream: str, line: str) -> None:
        """A line of the host into the log, as data."""
        level: Level = "warning" if stream == "stderr" else "info"
        self.emit(LogLine(time.time(), self.step, level, "host", text=self.tidy(line), source=stream))

    def state(self, state: StepState, reason: Message | None = None) -> None:
        self.emit(StateChanged(time.time(), self.step, state, reason))

    def started(self, change: str, title: Message) -> None:
        self.emit(ChangeStarted(time.time(), self.step, change, title))

    def progress(self, change: str, done: float, total: float | None, unit: str, note: Message | None) -> None:
        known: dict[str, Unit] = {"bytes": "bytes", "seconds": "seconds", "percent": "percent"}
        self.emit(Progress(time.time(), self.step, change, done, total, known[unit], note))

    def failed(self, error: AppError) -> None:
        """The error's code, parameters, reasons and quoted detail; the sentences are the listener's."""
        self.emit(Failed.of(error, self.step, self.tidy))

    def tidy(self, text: str) -> str:
        return clean(self.redact(text))
