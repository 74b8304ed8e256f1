"""Every rule by data: one file per finding, with cases where it must speak and where it must be silent.

A case is `base.json`, a plain N100 host on PVE 8.2, with some sections, files, VMs or PCI functions replaced.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide.choices import Choices
from guide.facts.frame import framed
from guide.facts.survey import parse_survey
from guide.facts.vms import vm_lines
from guide.finding import Finding
from guide.message import Message
from guide.rules import judge
from guide.text import LANGUAGES, Catalogue

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BASE = json.loads((HERE / "base.json").read_text(encoding="utf-8"))
FILES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "cases").glob("*.toml"))}
CASES = [
    pytest.param(name, case, id=f"{name}: {case['name']}") for name, data in FILES.items() for case in data["case"]
]
QUIET = {"screen-goes-dark"}
"""What is said about the plain host."""


def survey(case: dict[str, Any]) -> tuple[Finding, ...]:
    sections = {**BASE["sections"], **case.get("sections", {})}
    word = BASE["word"]
    if "files" in case:
        sections["files"] = _with_files(sections["files"], case["files"], word)
    if "vms" in case:
        sections["vms"] = vm_lines({int(number): text for number, text in case["vms"].items()})
    rows = {line.split()[0]: line for line in sections["pci"].splitlines()}
    rows.update({line.split()[0]: line for line in case.get("pci", [])})
    sections["pci"] = "\n".join(rows[key] for key in sorted(rows) if key not in case.get("pci_without", []))
    facts = parse_survey(sections, word, BASE["taken_at"] - case.get("clock_offset", 0))
    return judge(facts, Choices())


def _with_files(section: str, files: dict[str, str], word: str) -> str:
    kept = section
    for path in files:
        start = re.search(rf"^{word} file {re.escape(path)}$", kept, re.MULTILINE)
        if start:
            end = kept.index(f"{word} eof", start.start()) + len(f"{word} eof")
            kept = kept[: start.start()] + kept[end:].lstrip("\n")
    return "\n".join(part for part in (kept.rstrip("\n"), framed(files, word)) if part)


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
