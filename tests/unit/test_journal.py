"""The journal's file and its two copies: torn ends, other workstations, changes that were begun again."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.journal import Journal

RECORD = {"path": "/etc/default/grub"}


@pytest.mark.parametrize("tail", [b'{"at":12,"cha', b'{"at": 12, "change": "\xe4\xbd', b"{"])
def test_a_torn_end_is_cut_off_before_anything_is_added(tmp_path: Path, tail: bytes) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.write("begin", "cmdline", "a", "file", RECORD)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + tail)
    again = Journal.open(journal.path)
    assert journal.path.read_bytes() == whole
    again.write("end", "cmdline", "a", "file", RECORD)
    again.remember("cmdline", y=1)
    assert [entry.phase for entry in Journal.open(journal.path).entries] == ["begin", "end", "memory"]


def test_a_last_line_without_its_end_is_kept_and_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.write("begin", "cmdline", "a", "file", RECORD)
    journal.path.write_bytes(journal.path.read_bytes().rstrip(b"\n"))
    Journal.open(journal.path).write("end", "cmdline", "a", "file", RECORD)
    assert [entry.phase for entry in Journal.open(journal.path).entries] == ["begin", "end"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The wall clock of whoever writes."""
    now = [1000.0]
    monkeypatch.setattr("guide.journal.time.time", lambda: now[0])
    return now


def test_the_order_of_two_workstations_does_not_follow_their_clocks(tmp_path: Path, clock: list[float]) -> None:
    """The second one's clock is ten minutes slow: it applies again what the first one has undone."""
    first, second = Journal(tmp_path / "a.jsonl"), Journal(tmp_path / "b.jsonl")
    for phase in ("begin", "end", "undone"):
        first.write(phase, "cmdline", "f", "file", RECORD)
        clock[0] += 1
    second.adopt(first.text)
    clock[0] -= 600
    second.write("begin", "cmdline", "f", "file", RECORD)
    second.write("end", "cmdline", "f", "file", RECORD)
    first.adopt(second.text)
    assert [item.change for item in first.standing()] == ["f"]
    assert [item.change for item in Journal.open(first.path).standing()] == ["f"]


@pytest.mark.parametrize("ahead", [600, -600])
def test_what_was_not_copied_to_the_host_stays_where_it_was_written(
    tmp_path: Path, clock: list[float], ahead: float
) -> None:
    """The connection was lost before "end" came to the host; there another workstation went on and undid the change."""
    first, second = Journal(tmp_path / "a.jsonl"), Journal(tmp_path / "b.jsonl")
    first.write("begin", "create", "vm", "vm-create", {"vmid": 100})
    second.adopt(first.text)
    clock[0] += ahead
    first.write("end", "create", "vm", "vm-create", {"vmid": 100, "uuid": "u"})
    clock[0] -= ahead
    second.write("undone", "create", "vm", "vm-create")
    first.adopt(second.text)
    assert [entry.phase for entry in first.entries] == ["begin", "end", "undone"]
    assert first.standing() == ()


def test_a_change_that_is_begun_again_is_not_finished(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    for phase, finished in (("begin", False), ("end", True), ("begin", False), ("failed", False), ("end", True)):
        journal.write(phase, "cmdline", "f", "file", {} if phase == "failed" else RECORD)
        assert [item.finished for item in journal.standing()] == [finished]


def test_a_try_that_failed_before_it_began_leaves_the_change_as_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.write("end", "cmdline", "f", "file", RECORD)
    journal.write("failed", "cmdline", "f", "file")
    assert [(item.finished, item.record) for item in journal.standing()] == [(True, RECORD)]
