"""One host, one guide: what the window and the command line both drive.

Every method runs in the host's worker thread; the window itself only calls `answer`, `cancel` and reads `states`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from guide import changes as _registered  # noqa: F401  (undo finds the kinds by their registration)
from guide.ask import Asker
from guide.change import Change, Cost
from guide.chapters.catalogue import STEPS
from guide.check import Check, Verdict, passed
from guide.choices import Choices
from guide.clean import Redactor
from guide.consent import ask_after, ask_before, given
from guide.errors import AppError, Cancelled, FindingForbids, PlanChanged, StepNotReady, VerificationFailed
from guide.events import Asked, Event, Planned, Question, SurveyDone, Verified
from guide.facts.survey import take_survey
from guide.finding import Finding
from guide.host import CancelToken, Host
from guide.journal import HOST_JOURNAL, Journal, Standing
from guide.message import Message, message
from guide.observe import observe_vm
from guide.plan import Plan
from guide.recall import kept, recalled
from guide.rules import judge
from guide.runner import Runner
from guide.standing import NEVER_FORBIDDEN, finished, judge_states, remembered, stopping
from guide.state import StepState
from guide.step import SettleContext, Step, View
from guide.undoing import one_error, undo_each
from guide.voice import Voice


@dataclass(frozen=True)
class UndoItem:
    """A change that can be put back; newest first in `Session.undo_items`."""

    change_id: str
    step: str
    title: Message
    at: float
    costs: frozenset[Cost]


class Session:
    """The state of the guide on one host. `emit` hears everything; `asker` gets the person's answers.

    Without `choices` those of the last session on this host are taken up again.
    """

    def __init__(
        self,
        host: Host,
        choices: Choices | None,
        journal: Journal,
        emit: Callable[[Event], None],
        redact: Redactor | None = None,
        asker: Asker | None = None,
    ) -> None:
        self.host = host
        self.choices = choices or recalled(journal.memory())
        self.journal = journal
        self.steps: tuple[Step, ...] = STEPS
        self.states: dict[str, StepState] = {step.id: StepState.TODO for step in STEPS}
        self.view: View | None = None
        self.evidence: dict[str, tuple[Check, ...]] = {}
        """The checks of each step as they stood when it was verified."""
        self._voice = Voice(emit, redact or Redactor())
        self._asker = asker or Asker(lambda question: emit(Asked(time.time(), self._running, question)))
        self._running = ""
        self._cancel = CancelToken()
        self._recalls = choices is None
        self._adopted = False

    def step(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.id == step_id)

    def survey(self) -> View:
        """Read the host again: one exec, the API for the VM; findings and states follow from it."""
        if not self._adopted:
            theirs = self.host.read_file(HOST_JOURNAL).data
            if theirs:
                self.journal.adopt(theirs.decode("utf-8", "replace"))
            if self._recalls:
                self.choices = recalled(self.journal.memory())
            self._adopted = True
        facts = take_survey(self.host)
        findings = judge(facts, self.choices)
        api = self.host.api
        version = str(api.get("version").get("version", ""))
        memory = remembered(self.journal, api)
        number = int(memory.get("vmid") or self.choices.vm.vmid)
        vm = observe_vm(self.host, number) if number else None
        self.view = View(
            facts=facts,
            findings=findings,
            choices=self.choices,
            vm=vm,
            memory=memory,
            finished=finished(self.journal),
            next_vmid=None if vm else int(api.get("cluster/nextid")),
            api_version=version,
            states=self._by_number(),
        )
        self._voice.emit(SurveyDone(time.time(), "", findings))
        self._settle_states()
        return self.view

    def plan(self, step_id: str) -> Plan:
        """What the step would change, as far as the last survey tells."""
        changes: tuple[Change, ...] = ()
        if self.view is not None and not self._forbidding(step_id):
            changes = self.step(step_id).changes(self.view)
        return Plan(step_id, changes)

    def checks(self, step_id: str) -> tuple[Check, ...]:
        """The step's claims, judged on the last survey."""
        if self.view is None or self._forbidding(step_id):
            return ()
        return self.step(step_id).checks(self.view)

    def evidence_of(self, step_id: str) -> tuple[Check, ...]:
        """What was seen when the step was verified, else what is seen now - as always of the last step, which is about
        the others."""
        kept = () if step_id == self.steps[-1].id else self.evidence.get(step_id, ())
        return kept or self.checks(step_id)

    def blockers(self, step_id: str) -> tuple[Message, ...]:
        """Why the step cannot act now; empty: it may."""
        if self.view is None:
            # The steps that look at the host read it themselves, and may try again.
            return () if step_id in NEVER_FORBIDDEN else (message("blocker.not-surveyed"),)
        forbidding = self._forbidding(step_id)
        if forbidding:
            return tuple(message("blocker.finding", finding=finding.id) for finding in forbidding)
        for step in self.steps:
            if step.id == step_id:
                return step.blockers(self.view)
            if not self.states[step.id].is_settled:
                return (message("blocker.step-open", step=step.number),)
        return ()

    def run(self, step_id: str, digest: str) -> None:
        """Do the step as approved by the digest of its plan: re-survey, compare, change, wait, verify."""
        voice = self._voice.of(step_id)
        self._cancel = CancelToken()
        self._running = step_id
        try:
            self._set(step_id, StepState.CHECKING)
            self._run(self.step(step_id), digest, voice)
        except AppError as error:
            self._failed(step_id, error)
            raise

    def skip(self, step_id: str) -> None:
        """Leave an optional step out; the consequence was shown."""
        if not self.step(step_id).optional:
            raise StepNotReady(step=step_id, needs="optional")
        self._remember(step_id, **{f"skip.{step_id}": True})
        self._set(step_id, StepState.SKIPPED)
        self.survey()

    def set_choices(self, choices: Choices) -> None:
        """Other answers: findings and states are judged again on the last survey."""
        self.choices = choices
        if self.view is not None:
            facts = self.view.facts
            self.view = replace(self.view, choices=choices, findings=judge(facts, choices))
            self._settle_states()

    def answer(self, key: str, value: bool) -> bool:
        """The person's answer to the open question `key` (called from the window's thread)."""
        return self._asker.answer(key, value)

    def cancel(self) -> None:
        """Stop after the current change."""
        self._cancel.cancel()

    def undo_items(self) -> tuple[UndoItem, ...]:
        """What can be put back, newest first."""
        return tuple(_item(standing) for standing in reversed(self.journal.standing()))

    def undo(self, to_step: str | None = None) -> None:
        """Undo everything down to and including `to_step` (None: everything), newest first.

        What somebody else has changed since is left, and what rests on it; raises `UndoConflict` at the end.
        """
        self._cancel = CancelToken()
        order = {step.id: number for number, step in enumerate(self.steps)}
        lowest = order[to_step] if to_step else 0
        items = tuple(item for item in reversed(self.journal.standing()) if order.get(item.step, 0) >= lowest)
        runner = Runner(self.host, self.journal, self._cancel)
        conflicts = undo_each(items, runner, self._voice, self._cancel, self._failed)
        left = {item.step for item in self.journal.standing()}
        undone = [step.id for step in self.steps if order[step.id] >= lowest and step.id not in left]
        self._forget([step_id for step_id in undone if step_id not in NEVER_FORBIDDEN])
        self.survey()
        for step_id in {item.step for item in items} - left:
            if not self.states[step_id].is_settled:
                self._set(step_id, StepState.UNDONE)
        if conflicts:
            raise one_error(conflicts)

    def _failed(self, step_id: str, error: AppError) -> None:
        self._voice.of(step_id).failed(error)
        if isinstance(error, Cancelled | StepNotReady):
            # What the person decided, or has to decide first, is no failure of the step.
            self._set(step_id, StepState.TODO)
            self._settle_states()
        else:
            self._set(step_id, StepState.FAILED, message("reason.error", code=error.code))

    def _forbidding(self, step_id: str) -> tuple[Finding, ...]:
        """The findings that forbid this step; those that only look at the host, or mend it, are never forbidden."""
        return () if self.view is None or step_id in NEVER_FORBIDDEN else stopping(self.view.findings)

    def _run(self, step: Step, digest: str, voice: Voice) -> None:
        view = self.survey()
        forbidding = self._forbidding(step.id)
        if forbidding:
            raise _forbids(forbidding)
        blockers = self.blockers(step.id)
        if blockers:
            raise StepNotReady(*blockers, step=step.number, needs=blockers[0].key)
        plan = self.plan(step.id)
        voice.emit(Planned(time.time(), step.id, plan))
        if plan.digest != digest:
            raise PlanChanged(step=step.number)
        if step.id == "check" and plan.is_empty and stopping(view.findings):
            raise _forbids(stopping(view.findings))
        self._set(step.id, StepState.RUNNING)
        if not plan.is_empty:
            ask_before(step, view, self._ask)
            self._keep_choices(step)
        runner = Runner(self.host, self.journal, self._cancel)
        for change in plan.changes:
            self._cancel.check()
            runner.apply(change, voice)
        if not (plan.is_empty and step.is_fulfilled(view)):
            self._settle(step, voice)
        answers = ask_after(step, self.view or view, self._ask)
        if answers:
            self._remember(step.id, **answers)
        self._verify(step, voice)

    def _remember(self, step_id: str, **values: Any) -> None:
        """In both journals."""
        self.journal.remember(step_id, **values)
        Runner(self.host, self.journal, self._cancel).mirror(self._voice.of(step_id))

    def _keep_choices(self, step: Step) -> None:
        """Another session goes on with the choices that were acted on."""
        choices = kept(self.choices)
        if self.journal.memory().get("choices") != choices:
            self._remember(step.id, choices=choices)

    def _verify(self, step: Step, voice: Voice) -> None:
        view = self.survey()
        checks = step.checks(view)
        self.evidence[step.id] = checks
        voice.emit(Verified(time.time(), step.id, checks))
        if not passed(checks) and not step.is_fulfilled(view):
            failing = [check for check in checks if check.verdict is Verdict.FAIL]
            names = ", ".join(check.id for check in failing)
            raise VerificationFailed(*(check.claim for check in failing), step=step.number, checks=names)
        self._remember(step.id, **{f"done.{step.id}": True, f"skip.{step.id}": False})
        self._set(step.id, StepState.DONE)
        self.survey()

    def _settle(self, step: Step, voice: Voice) -> None:
        offered: list[str] = []

        def offer(question: Question) -> Callable[[], bool]:
            offered.append(question.key)
            given_answer = given(self.choices, question.key)
            if given_answer:
                self.journal.remember(step.id, **{f"answer.{question.key}": True})
                return lambda: True
            answered = self._asker.offer(question)

            def said() -> bool:
                if answered():
                    self.journal.remember(step.id, **{f"answer.{question.key}": True})
                return answered()

            return said

        view = self.survey()
        step.settle(
            SettleContext(
                host=self.host,
                view=view,
                observe=self._observe,
                progress=lambda done, total, unit, note: voice.progress("", done, total, unit, note),
                log=voice.say,
                offer=offer,
                cancel=self._cancel,
            )
        )
        for key in offered:
            self._asker.withdraw(key)

    def _observe(self) -> View:
        """Only the VM again; the host's facts stay those of the last survey."""
        if self.view is None:
            return self.survey()
        number = int(self.view.memory.get("vmid") or self.choices.vm.vmid)
        self.view = replace(self.view, vm=observe_vm(self.host, number) if number else None)
        return self.view

    def _ask(self, question: Question) -> bool:
        return self._asker.ask(question, self._cancel)

    def _set(self, step_id: str, state: StepState, reason: Message | None = None) -> None:
        self.states[step_id] = state
        if self.view is not None:
            self.view = replace(self.view, states=self._by_number())
        self._voice.of(step_id).state(state, reason)

    def _by_number(self) -> dict[str, StepState]:
        return {step.number: self.states[step.id] for step in self.steps}

    def _settle_states(self) -> None:
        if self.view is None:
            return
        judged = judge_states(self.steps, self.view, self.states)
        for step_id, state in judged.items():
            if self.states[step_id] is not state:
                self._set(step_id, state)

    def _forget(self, steps: list[str]) -> None:
        """Undone steps are no longer verified, skipped or answered."""
        memory = self.journal.memory()
        gone: dict[str, Any] = {}
        for step_id in steps:
            self.evidence.pop(step_id, None)
            gone.update({f"{kind}.{step_id}": False for kind in ("done", "skip") if memory.get(f"{kind}.{step_id}")})
        if "driver" in steps:
            gone.update({key: None for key in memory if key.startswith("answer.")})
        if gone:
            self._remember("", **gone)


def _forbids(findings: tuple[Finding, ...]) -> FindingForbids:
    return FindingForbids(*(finding.claim for finding in findings), finding=findings[0].id)


def _item(standing: Standing) -> UndoItem:
    kind = Change.registry[standing.kind]
    costs = frozenset({Cost.DATA}) if standing.kind == "vm-create" else frozenset()
    return UndoItem(standing.change, standing.step, kind.undo_title(standing.record), standing.at, costs)
