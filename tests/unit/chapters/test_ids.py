"""Step 1.2 by data: nobody's ids are lost, and step, finding and remedy come to rest."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide.change import Change
from guide.changes.files import EditFile
from guide.chapters.host import Vfio
from guide.check import passed
from guide.choices import Choices
from guide.facts.modprobe import effective_ids, parse
from guide.remedies import chosen
from guide.rules import judge
from guide.step import View
from tests.unit.rules.plain_host import facts_of

CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("ids/*")}


def view_of(case: dict[str, Any], *remedies: str) -> View:
    facts, choices = facts_of(case), Choices(remedies=frozenset(remedies))
    return View(facts, judge(facts, choices), choices)


def with_edits(case: dict[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    texts = {change.path: change.after for change in changes if isinstance(change, EditFile)}
    return {**case, "files": {**case["files"], **texts}}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_written_once_and_nothing_is_lost(case: dict[str, Any]) -> None:
    changes = Vfio().changes(view_of(case))
    assert {change.path: change.after for change in changes if isinstance(change, EditFile)} == case["after"]
    after = with_edits(case, changes)
    view = view_of(after)
    assert list(effective_ids(parse(view.facts.files))) == case["effective"]
    assert Vfio().changes(view) == ()
    assert passed(Vfio().checks(view))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("first", ["step", "remedy"])
def test_with_the_remedy_too_it_comes_to_rest(case: dict[str, Any], first: str) -> None:
    host = case
    for turn in ("step", "remedy") if first == "step" else ("remedy", "step"):
        view = view_of(host, "ids-twice")
        host = with_edits(host, Vfio().changes(view) if turn == "step" else chosen(view))
    view = view_of(host, "ids-twice")
    assert (Vfio().changes(view), chosen(view)) == ((), ())
    assert "ids-twice" not in {finding.id for finding in view.findings}
    assert set(effective_ids(parse(view.facts.files))) == set(case.get("merged", case["effective"]))
