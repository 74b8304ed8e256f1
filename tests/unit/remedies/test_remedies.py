"""Remedies by data: a host with a finding, and exactly what mends it; applied in thought, the finding is gone."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide.change import Change
from guide.changes.files import EditFile
from guide.choices import Choices
from guide.message import Message
from guide.remedies import REMEDIES, chosen, offered
from guide.rules import judge
from guide.step import View
from guide.text import LANGUAGES, Catalogue
from tests.unit.rules.plain_host import facts_of

CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("cases/*")}


def view_of(case: dict[str, Any], remedies: frozenset[str]) -> View:
    facts, choices = facts_of(case), Choices(remedies=remedies)
    return View(facts, judge(facts, choices), choices)


def described(change: Change) -> dict[str, Any]:
    preview = change.preview
    return {
        "id": change.id,
        "files": {diff.path: diff.after for diff in preview.diffs},
        "keys": [[key, before or "", after or ""] for key, before, after in preview.keys],
        "commands": list(preview.commands),
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_changes_are_exactly_these(case: dict[str, Any]) -> None:
    view = view_of(case, frozenset({case["finding"]}))
    assert [described(change) for change in chosen(view)] == case["changes"]
    assert (case["finding"] in offered(view)) is bool(case["changes"])
    assert chosen(view_of(case, frozenset())) == ()


@pytest.mark.parametrize("case", [case for case in CASES.values() if case["changes"]], ids=lambda case: case["finding"])
def test_afterwards_the_finding_is_gone(case: dict[str, Any]) -> None:
    view = view_of(case, frozenset({case["finding"]}))
    texts = {change.path: change.after for change in chosen(view) if isinstance(change, EditFile)}
    if texts:
        mended = {**case, "files": {**case.get("files", {}), **texts}}
        assert case["finding"] not in {finding.id for finding in view_of(mended, frozenset()).findings}


def test_remedies_of_one_file_are_one_edit() -> None:
    before = "options vfio-pci ids=8086:3185,8086:46d1 disable_vga=1 # mine\noptions vfio-pci ids=8086:54c8\n"
    case = {"files": {"/etc/modprobe.d/x.conf": before}}
    (change,) = chosen(view_of(case, frozenset({"disable-vga", "ids-twice", "foreign-ids"})))
    assert isinstance(change, EditFile)
    assert change.before == before
    assert change.after == "options vfio-pci ids=8086:46d1,8086:54c8 # mine\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_remedy_has_a_case_and_a_title(language: str) -> None:
    assert {case["finding"] for case in CASES.values() if case["changes"]} == set(REMEDIES)
    catalogue = Catalogue.load(language)
    for case in CASES.values():
        for change in chosen(view_of(case, frozenset({case["finding"]}))):
            assert catalogue.has(change.title.key)
            assert catalogue.has(Message(f"undo.{change.kind}").key)
