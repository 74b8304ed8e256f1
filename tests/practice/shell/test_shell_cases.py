"""One file per case in cases/: a script and what dash 0.5.12 or bash 5.2 of Debian 12 did with it.

`refused-*` are scripts that a real shell runs and the practice host's refuses loudly.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_shell_does_what_the_real_one_did(path: Path, run: Callable[..., Any]) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    outcome = run(case["script"], case["shell"])
    found = (outcome.status, outcome.stdout, outcome.stderr)
    assert found == (case["status"], case["stdout"], case["stderr"])


def test_there_are_cases() -> None:
    assert len(CASES) > 100
