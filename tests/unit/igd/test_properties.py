"""What the table wants to set, held against what this host's kvm lists: one file per case."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide import igd
from guide.facts.survey import parse_survey

CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("cases/*")}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_only_what_kvm_lists_is_confirmed(case: dict[str, Any]) -> None:
    facts = parse_survey({"vfio_properties": case["help"]}, "@w", 0.0)
    decision = igd.decide(case["device"], case["qemu"])
    assert decision.possible
    assert list(igd.unconfirmed(decision.args, facts.vfio_properties)) == case["unconfirmed"]
