"""Inputs that once broke a parser, and a short random run of every target."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

CORPUS = sorted(path for path in (Path(__file__).parent / "corpus").rglob("*") if path.is_file())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_known_input(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=2048) | st.text(max_size=500).map(lambda text: text.encode()))
@settings(deadline=None, max_examples=200)
def test_random_input(name: str, data: bytes) -> None:
    TARGETS[name](data)
