"""The table of tests and tiers, printed at the end of a run.

Hooks of tests/conftest.py: where several processes run the tests, only that file is read by the one that prints.
"""

from __future__ import annotations

import re

import pytest

from tests.debian.image.cache import notes
from tests.debian.tier import PLACES

TABLE: dict[tuple[str, str], str] = {}
"""(test, tier) -> same, DIFFERENT, or why it is not run there."""


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
