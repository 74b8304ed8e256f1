"""A check: one claim about the host, what was found, the verdict, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from guide.message import Message


class Verdict(Enum):
    """How a claim stands. UNKNOWN is honest: we could not see it."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """`found` is what the host (or the person) said, as data; `remedy` is None where the verdict is OK."""

    id: str
    claim: Message
    found: str
    verdict: Verdict
    remedy: Message | None = None
    command: str = ""
    """How a person can see the same thing by hand."""


def passed(checks: tuple[Check, ...]) -> bool:
    """Whether nothing failed. UNKNOWN is not a failure, but it is not evidence either: the report shows it."""
    return all(check.verdict is not Verdict.FAIL for check in checks)
