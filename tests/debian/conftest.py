"""Every test of the suite once per tier, and the table of both at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.debian.image.cache import notes
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


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Filled on the process that prints the summary, also where others run the tests."""
    found = re.fullmatch(r"tests/debian/suite/(.*)\[(\w+)(.*)\]", report.nodeid)
    if found is None or found[2] not in PLACES:
        return
    cell = f"{found[1]}{found[3]}", found[2]
    if report.skipped:
        said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        TABLE[cell] = said.removeprefix("Skipped: ")
    elif report.failed:
        TABLE[cell] = "DIFFERENT"
    elif report.when == "call":
        TABLE[cell] = "same"


TABLE: dict[tuple[str, str], str] = {}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if notes:
        terminalreporter.section("images")
        for line in dict.fromkeys(notes):
            terminalreporter.line(line)
    if not TABLE:
        return
    tiers = [name for name in PLACES if any(name == tier for _, tier in TABLE)]
    tests = list(dict.fromkeys(test for test, _ in TABLE))
    reasons = list(dict.fromkeys(word for word in TABLE.values() if word not in ("same", "DIFFERENT")))
    width = max(len(test) for test in tests)
    terminalreporter.section("test x tier")
    terminalreporter.line(f"{'':{width}}  " + "  ".join(f"{tier:10}" for tier in tiers))
    for test in sorted(tests):
        cells = [TABLE.get((test, tier), "-") for tier in tiers]
        shown = [f"not here ({reasons.index(cell) + 1})" if cell in reasons else cell for cell in cells]
        terminalreporter.line(f"{test:{width}}  " + "  ".join(f"{cell:10}" for cell in shown))
    for number, reason in enumerate(reasons, 1):
        terminalreporter.line(f"({number}) {reason}")
