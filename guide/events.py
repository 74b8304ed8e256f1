"""The only thing that the engine says to the outside. The window and the command line are two listeners of these."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from guide.check import Check
from guide.errors import AppError, Reasoned
from guide.finding import Finding
from guide.message import Message
from guide.plan import Plan
from guide.state import StepState

Level = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True)
class Event:
    """`at` is seconds since the epoch; `step` the id of the step, or "" where none is meant."""

    at: float
    step: str


@dataclass(frozen=True)
class LogLine(Event):
    """One line of the live log. `voice` says who speaks: "app" (a Message) or "host" (text, cleaned, quoted)."""

    level: Level
    voice: Literal["app", "host"]
    text: str = ""
    message: Message | None = None
    source: str = ""
    """For the host's voice: "stdout", "stderr", "task", or a command; for ours a mark before the words."""


@dataclass(frozen=True)
class StateChanged(Event):
    """A step is in another state now; `reason` says why where it is not obvious."""

    state: StepState
    reason: Message | None = None


@dataclass(frozen=True)
class SurveyDone(Event):
    """The host was read; the findings that follow from it (worst first)."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Planned(Event):
    """What a step would change, as of now. Empty changes: nothing to do."""

    plan: Plan


@dataclass(frozen=True)
class ChangeStarted(Event):
    """A change begins; it is in the journal already."""

    change: str
    title: Message


@dataclass(frozen=True)
class ChangeFinished(Event):
    """A change is done (or was done before: `skipped`, or was put back: `undone`)."""

    change: str
    outcome: Literal["done", "skipped", "undone"]


@dataclass(frozen=True)
class Progress(Event):
    """How far a long job is. `unit` is "bytes", "seconds" or "percent"; `total` None where unknown."""

    change: str
    done: float
    total: float | None
    unit: Literal["bytes", "seconds", "percent"]
    note: Message | None = None


@dataclass(frozen=True)
class Verified(Event):
    """What was looked at after a step, claim by claim."""

    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Failed(Event):
    """A step stopped. `code` and `params` name the error's sentences; `reasons` say why where the engine knows;
    `detail` is the host's words, cleaned."""

    code: str
    params: tuple[tuple[str, str], ...] = ()
    detail: str = ""
    reasons: tuple[Message, ...] = ()

    @staticmethod
    def of(error: AppError, step: str = "", tidy: Callable[[str], str] = str) -> Failed:
        """The event of an error; every text goes through `tidy`."""
        params = tuple((key, tidy(value)) for key, value in sorted(error.params.items()))
        given = error.reasons if isinstance(error, Reasoned) else ()
        reasons = tuple(Message(it.key, {key: tidy(value) for key, value in it.params.items()}) for it in given)
        return Failed(time.time(), step, error.code, params, tidy(error.detail), reasons)


class QuestionKind(Enum):
    """What a question is about; the answer's form follows from it."""

    CONFIRM = "confirm"
    YES_NO = "yes-no"
    WAIT_FOR_PERSON = "wait-for-person"


@dataclass(frozen=True)
class Question:
    """Something only the person can know or decide. `key` is also the name of its answer in answers.toml."""

    key: str
    kind: QuestionKind
    title: Message
    text: Message
    yes: Message
    no: Message | None = None
    danger: bool = False
    extra: tuple[Message, ...] = field(default=())


@dataclass(frozen=True)
class Asked(Event):
    """The engine waits for an answer (see `guide.ask`)."""

    question: Question
