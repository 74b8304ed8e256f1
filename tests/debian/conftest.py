"""Every test of the suite once per tier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.debian.suite.bench import Bench
from tests.debian.tier import PLACES, HostUnderTest, State, Tier, load

TIERS = {name: load(name) for name in PLACES}

PATIENCE = 1800
"""Seconds for a test: the first one may have to build an image, and a machine of the vm tier is slow."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tier" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(PATIENCE))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tier" in metafunc.fixturenames:
        usual = [name for name, tier in TIERS.items() if tier.by_default]
        asked = metafunc.config.getoption("--tier") or usual
        names = [name for name in TIERS if name in asked or "all" in asked]
        metafunc.parametrize("tier", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def tier(request: pytest.FixtureRequest) -> Iterator[Tier]:
    chosen = TIERS[request.param]
    reason = chosen.why_not()
    if reason:
        pytest.skip(reason)
    yield chosen
    chosen.end()


@pytest.fixture
def state() -> State:
    return "grub"


@pytest.fixture
def needs() -> tuple[str, ...]:
    """What a test cannot do without (`Tier.lacks`)."""
    return ()


@pytest.fixture
def host(tier: Tier, state: State, needs: tuple[str, ...]) -> Iterator[HostUnderTest]:
    for need in (state, *needs):
        if reason := tier.lacks(need):
            pytest.skip(reason)
    with tier.host(state) as running:
        yield running


@pytest.fixture
def bench(host: HostUnderTest, tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Bench]:
    made = Bench(host, tmp_path, recording=pytestconfig.getoption("--record"))
    yield made
    for connected in made.connected:
        connected.close()
