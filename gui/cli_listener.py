"""The engine's events as lines of text."""

from __future__ import annotations

import sys
import time

from guide.change import Change
from guide.check import Verdict
from guide.errors import AnswerMissing
from guide.events import Asked, ChangeStarted, Event, Failed, LogLine, Planned, Progress, Question, Verified
from guide.finding import Finding
from guide.message import Message, message
from guide.plan import Plan
from guide.step import Step
from guide.text import Catalogue

MARKS = {Verdict.OK: "ok", Verdict.WARN: "!!", Verdict.FAIL: "NO", Verdict.UNKNOWN: "??"}


class Listener:
    """Prints what the engine says. The host's words are set off by "| "; `failed` keeps the last failure."""

    def __init__(self, catalogue: Catalogue, quiet: bool = False) -> None:
        self._catalogue = catalogue
        self._quiet = quiet
        self._last_progress = 0.0
        self.failed: Failed | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Failed):
            self.failed = event
        if self._quiet:
            return
        if isinstance(event, LogLine):
            self._line(f"      {self._say(event.message)}" if event.message else f"      | {event.text}")
        elif isinstance(event, ChangeStarted):
            self._line(f"  -> {self._say(event.title)}")
        elif isinstance(event, Planned):
            self._plan(event.plan)
        elif isinstance(event, Verified):
            for check in event.checks:
                found = f"  [{check.found.splitlines()[0][:100]}]" if check.found else ""
                self._line(f"  {MARKS[check.verdict]} {self._say(check.claim)}{found}")
                if check.remedy and check.verdict is not Verdict.OK:
                    self._line(f"     {self._say(check.remedy)}")
        elif isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Asked):
            self._line(f"  ? {self._say(event.question.title)}")

    def step(self, step: Step) -> None:
        """A heading per step."""
        self._line(f"\n{step.number} {self._say(step.title)}")

    def findings(self, findings: tuple[Finding, ...], offered: frozenset[str] = frozenset()) -> None:
        """All findings with evidence and remedy; of those in `offered` it is said that the program can mend them."""
        for finding in findings:
            self._line(f"\n[{self._say(Message('severity.' + finding.severity.value))}] {self._say(finding.claim)}")
            self._line(f"  {self._say(finding.means)}\n  {self._say(finding.remedy)}")
            if finding.id in offered:
                self._line(f"  {self._say(message('survey.offered', finding=finding.id))}")
            self._line(f"  ({self._say(Message('honesty.' + finding.honesty.value))} · {finding.source})")
            for line in finding.evidence:
                self._line(f"  | {line}")

    def cannot_ask(self, question: Question) -> None:
        """Nobody is there: a question that only shows progress is printed, one that must be answered ends the run."""
        if question.no is not None:
            raise AnswerMissing(key=question.key)
        self._line(f"  ? {self._say(question.text)}")

    def _plan(self, plan: Plan) -> None:
        self.changes(plan.changes)

    def changes(self, changes: tuple[Change, ...]) -> None:
        """What each change would do: lines of files, keys, copies, commands."""
        for change in changes:
            preview = change.preview
            for diff in preview.diffs:
                self._line(f"  ~ {diff.path}")
                for line in diff.lines():
                    self._line(f"    {line}")
            for key, before, after in preview.keys:
                self._line(f"  ~ {key}: {before or '-'} -> {after or '-'}")
            for source, place in preview.copies:
                self._line(f"  ~ {source} -> {place}")
            for command in preview.commands:
                self._line(f"  $ {command}")

    def _progress(self, event: Progress) -> None:
        now = time.monotonic()
        if now - self._last_progress < 2:
            return
        self._last_progress = now
        note = self._say(event.note) if event.note else ""
        total = f"/{event.total:.0f}" if event.total else ""
        self._line(f"      … {note} {event.done:.0f}{total} {event.unit}")

    def _say(self, message: Message | None) -> str:
        return self._catalogue.render(message) if message else ""

    def _line(self, text: str) -> None:
        print(text, file=sys.stdout, flush=True)
