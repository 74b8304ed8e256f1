"""The practice host against recorded exchanges: our own (facts, restated) and those beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from practice.conformance.recording import load
from practice.conformance.run import Report, run
from practice.scenario import load_scenario

ROOM = Path(__file__).parent
OWN = sorted((ROOM / "cases").glob("*.jsonl"))
BESIDE = ROOM.parents[2].parent / "shared" / "data" / "transcripts"
MOST_SKIPPED = 0.1


def replay(path: Path) -> Report:
    report = run(load(path), load_scenario("n100-pve82"))
    print(f"{path.name}: {report.summary}")
    return report


@pytest.mark.parametrize("path", OWN, ids=[path.stem for path in OWN])
def test_our_own_exchanges(path: Path) -> None:
    report = replay(path)
    assert report.summary == f"equal {len(report.results)}, different 0, skipped 0", report.table()


@pytest.mark.skipif(not BESIDE.is_dir(), reason="the recordings are not beside this checkout")
@pytest.mark.parametrize("name", [path.name for path in sorted(BESIDE.glob("*.jsonl"))])
def test_recorded_exchanges(name: str) -> None:
    report = replay(BESIDE / name)
    assert not report.different, report.table()
    assert len(report.skipped) <= MOST_SKIPPED * len(report.results)
    assert all(result.skipped for result in report.skipped)
