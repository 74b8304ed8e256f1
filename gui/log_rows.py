"""Which of the engine's events are lines of the log, so that the saved log tells the whole story."""

from __future__ import annotations

from guide.check import Verdict
from guide.clean import clean
from guide.events import ChangeStarted, Event, Failed, Level, LogLine, Verified

MARKS = {Verdict.OK: "✓", Verdict.WARN: "!", Verdict.FAIL: "✗", Verdict.UNKNOWN: "?"}
LEVELS: dict[Verdict, Level] = {
    Verdict.OK: "info",
    Verdict.WARN: "warning",
    Verdict.FAIL: "error",
    Verdict.UNKNOWN: "warning",
}


def rows_of(event: object) -> list[LogLine | Failed]:
    """What is said and quoted, what begins, and what was seen after a step; nothing for other events."""
    if isinstance(event, LogLine | Failed):
        return [event]
    if isinstance(event, ChangeStarted):
        return [_own(event, "▶", "info", message=event.title)]
    if isinstance(event, Verified):
        return [
            _own(event, MARKS[check.verdict], LEVELS[check.verdict], text=_found(check.found), message=check.claim)
            for check in event.checks
        ]
    return []


def _own(event: Event, mark: str, level: Level, **words: object) -> LogLine:
    return LogLine(event.at, event.step, level, "app", source=mark, **words)  # type: ignore[arg-type]


def _found(text: str) -> str:
    lines = text.strip().splitlines()
    return f"[{clean(lines[0], 200)}]" if lines else ""
