"""Ctrl+C in the middle of a change of a run without a window."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from platformdirs import user_data_path

from gui.cli import main
from guide.change import ChangeContext, JsonObject
from guide.changes.files import EditFile
from guide.errors import Cancelled


def journal() -> list[tuple[str, str]]:
    """(phase, step) of all changes of the only host."""
    (path,) = (user_data_path("pve-igpu", appauthor=False) / "journals").glob("*.jsonl")
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(entry["phase"], entry["step"]) for entry in entries if entry["phase"] != "memory"]


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Ctrl+C is pressed in the middle of the first edit of a file; the files that were edited."""
    edited: list[Path] = []
    apply = EditFile.apply

    def pressed(change: EditFile, context: ChangeContext) -> JsonObject:
        if not edited:
            signal.raise_signal(signal.SIGINT)
        edited.append(Path(change.path))
        return apply(change, context)

    monkeypatch.setattr(EditFile, "apply", pressed)
    return edited


def test_the_change_is_finished_and_the_next_is_not_begun(
    interrupted: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert main(["guide", "--practice", "n100-pve82"]) == Cancelled.exit_code
    assert [path.name for path in interrupted] == ["grub"]
    assert journal() == [("begin", "cmdline"), ("end", "cmdline")]
    assert "Ctrl+C again" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_time_it_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(change: EditFile, context: ChangeContext) -> JsonObject:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("not at once")

    monkeypatch.setattr(EditFile, "apply", twice)
    assert main(["guide", "--practice", "n100-pve82"]) == 130
