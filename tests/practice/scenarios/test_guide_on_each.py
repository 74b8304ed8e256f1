"""Every scenario to its end: `pve-igpu survey` and `pve-igpu guide`; `cases/NAME.toml` says how it ends."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gui import cli_target
from gui.cli import main
from practice.host import Access, PracticeHost
from practice.scenario import list_scenarios
from tests.practice.conftest import Bench

HERE = Path(__file__).resolve().parent
CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "cases").glob("*.toml"))}

FORBIDDEN = 10
"""Exit code of the guide where a finding forbids going on."""


class Watched(PracticeHost):
    """Remembers the host's files before and after a run of the command line."""

    before: dict[str, tuple[int, bytes]]
    after: dict[str, tuple[int, bytes]]

    def __enter__(self) -> Access:
        access = super().__enter__()
        self._bench = Bench(self, access, Path())
        Watched.before = self._bench.tree()
        return access

    def __exit__(self, *failure: Any) -> None:
        Watched.after = self._bench.tree()
        super().__exit__(*failure)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_target, "PracticeHost", Watched)
    monkeypatch.setattr(cli_target, "PRACTICE_SPEED", 200.0)
    monkeypatch.setattr("guide.chapters.windows.POLL", 0.1)


def test_every_scenario_has_a_case() -> None:
    assert sorted(machine.name for machine in list_scenarios()) == sorted(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_survey_finds_what_the_machine_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["survey", "--practice", name, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [finding["id"] for finding in found] == CASES[name]["findings"]
    assert Watched.before == Watched.after


@pytest.mark.parametrize("name", CASES)
def test_the_guide_ends_as_it_must(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    assert main(["guide", "--practice", name, "--report", str(tmp_path)]) == case["exit"]
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (report["stopped"] or {}).get("step", "") == case.get("stands_at", "")
    if case["exit"] == FORBIDDEN:
        assert Watched.before == Watched.after
    else:
        assert Watched.before != Watched.after
