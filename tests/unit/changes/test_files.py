"""Edits of one file by us and by the person, in turns, and what undo makes of it - by data.

A case is a list of turns: `ours` writes a text for a step (`fails` = "write" or "command": that goes wrong), `theirs`
is the person's editor, `undo` undoes one step ("" for all); `left` is the file afterwards, "" where there is none.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide.changes.files import EditFile
from guide.errors import UndoConflict
from tests.unit.changes.bench import Bench

CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("cases/*")}
PATH = "/etc/some.conf"


def take(turn: dict[str, Any], bench: Bench) -> None:
    files = bench.host.files
    if "theirs" in turn:
        files[PATH] = turn["theirs"]
    elif "ours" in turn:
        edit = EditFile(PATH, files.get(PATH), turn["ours"], turn["step"], ("refresh",))
        bench.apply(edit, turn["step"], turn.get("fails", ""))
    elif turn.get("conflict"):
        with pytest.raises(UndoConflict):
            bench.undo(turn["undo"] or None)
    else:
        bench.undo(turn["undo"] or None)
    if "left" in turn:
        assert files.get(PATH, "") == turn["left"]
        assert (PATH in files) is bool(turn["left"])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everybody_keeps_their_own_lines(case: dict[str, Any], tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    if "before" in case:
        bench.host.files[PATH] = case["before"]
    for turn in case["turns"]:
        take(turn, bench)
    conflict = any(turn.get("conflict") for turn in case["turns"])
    assert bool(bench.standing) is conflict


def test_a_conflict_shows_what_is_different(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.apply(EditFile(PATH, None, "ours\n", "vfio"), "vfio")
    bench.host.files[PATH] = "ours, theirs\n"
    with pytest.raises(UndoConflict) as caught:
        bench.undo()
    assert caught.value.detail.splitlines()[-2:] == ["-ours", "+ours, theirs"]


def test_nothing_is_written_where_nothing_is_left_to_undo(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.apply(EditFile(PATH, None, "ours\n", "vfio", ("refresh",)), "vfio")
    del bench.host.files[PATH]
    bench.undo()
    assert PATH not in bench.host.files
    assert bench.host.commands == ["vfio", "undo-vfio"]


def test_a_journal_of_an_older_version_is_undone_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.host.files[PATH] = "a\nours\ntheirs\n"
    record = {"path": PATH, "purpose": "vfio", "before": "a\n", "after": "a\nours\n", "then": []}
    bench.journal.write("end", "vfio", f"file:{PATH}", "file", record)
    bench.undo()
    assert bench.host.files[PATH] == "a\ntheirs\n"
