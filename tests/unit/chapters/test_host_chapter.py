"""Chapter 1 by data: what the steps plan on a host, and which of their checks fail."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide.chapters.host import KernelCommandLine, Restart, Vfio
from guide.check import Verdict
from guide.choices import Choices
from guide.rules import judge
from guide.step import View
from tests.unit.rules.plain_host import facts_of

CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("cases/*")}
STEPS = {step.id: step for step in (KernelCommandLine(), Vfio(), Restart())}


def view_of(case: dict[str, Any]) -> View:
    facts = facts_of(case)
    return View(facts, judge(facts, Choices()), Choices())


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_planned_and_what_fails(case: dict[str, Any]) -> None:
    view, steps = view_of(case), [STEPS[identity] for identity in case["steps"]]
    assert [change.id for step in steps for change in step.changes(view)] == case["planned"]
    failing = [check.id for step in steps for check in step.checks(view) if check.verdict is Verdict.FAIL]
    assert failing == case["failing"]
