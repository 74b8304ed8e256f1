"""Every rule by data: one file per finding, with cases where it must speak and where it must be silent.

A case is `base.json`, a plain N100 host on PVE 8.2, with some sections, files, VMs or PCI functions replaced.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide.choices import Choices
from guide.finding import Finding
from guide.message import Message
from guide.rules import judge
from guide.text import LANGUAGES, Catalogue
from tests.unit.rules.plain_host import facts_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FILES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "cases").glob("*.toml"))}
CASES = [
    pytest.param(name, case, id=f"{name}: {case['name']}") for name, data in FILES.items() for case in data["case"]
]
QUIET = {"screen-goes-dark"}
"""What is said about the plain host."""


def survey(case: dict[str, Any]) -> tuple[Finding, ...]:
    return judge(facts_of(case), Choices())


@pytest.mark.parametrize(("name", "case"), CASES)
def test_rule(name: str, case: dict[str, Any]) -> None:
    found = [finding for finding in survey(case) if finding.id == name]
    assert bool(found) is case["expect"]
    assert all(finding.source for finding in found)


def test_a_plain_host_is_left_in_peace() -> None:
    assert {finding.id for finding in survey({})} == QUIET


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_every_finding_exists_and_has_its_places_filled(language: str) -> None:
    catalogue = Catalogue.load(language)
    for _, case in (param.values for param in CASES):
        for finding in survey(case):  # type: ignore[arg-type]
            for message in (finding.claim, finding.means, finding.remedy):
                assert catalogue.has(message.key), message.key
                assert not re.search(r"\{[a-z]+\}", catalogue.render(message)), message.key


def test_every_finding_has_a_case_of_both_directions() -> None:
    keys = {key.split(".")[1] for key in Catalogue.load("en").keys if key.startswith("finding.")}
    assert keys == set(FILES)
    for name, data in FILES.items():
        assert any(case["expect"] for case in data["case"]), name
        assert name not in QUIET or any(not case["expect"] for case in data["case"]), name


def test_the_table_of_failures_names_every_row_and_every_finding() -> None:
    """docs/failures.md: rows 1 to 29, each with findings that exist or a reason."""
    text = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|[^|]+\|([^|]*)\|([^|]*)\|$", text, re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 30))
    for number, findings, reason in rows:
        named = re.findall(r"`([a-z0-9-]+)`", findings)
        assert named or reason.strip(), number
        assert set(named) <= set(FILES), number


def test_severities_and_honesty_have_words() -> None:
    catalogue = Catalogue.load("en")
    found = {finding for param in CASES for finding in survey(param.values[1])}  # type: ignore[arg-type]
    assert all(catalogue.has(Message(f"severity.{finding.severity.value}").key) for finding in found)
