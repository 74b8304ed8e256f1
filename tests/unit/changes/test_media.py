"""A ROM that is sent twice, replaced, and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.changes.media import UploadFile
from guide.errors import UndoConflict
from tests.unit.changes.bench import Bench

REMOTE = "/usr/share/kvm/n100.rom"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def send(bench: Bench, text: str, fails: str = "") -> None:
    local = bench.journal.path.parent / "n100.rom"
    local.write_text(text, encoding="utf-8")
    bench.apply(UploadFile(str(local), REMOTE, "upload-rom"), "rom", fails)


@pytest.mark.parametrize("theirs", ["", "theirs"])
@pytest.mark.parametrize("tries", [1, 2])
def test_another_file_that_was_never_sent(bench: Bench, theirs: str, tries: int) -> None:
    """The first one lies there, or what was there before it, and undo knows it as ours."""
    if theirs:
        bench.host.files[REMOTE] = theirs
    send(bench, "first")
    for number in range(tries):
        send(bench, f"second {number}", fails="write")
    assert bench.host.files[REMOTE] == "first"
    bench.undo()
    assert bench.host.files.get(REMOTE, "") == theirs
    assert bench.standing == []


def test_another_file_after_one_that_was_never_sent(bench: Bench) -> None:
    send(bench, "first")
    send(bench, "second", fails="write")
    send(bench, "third")
    bench.undo()
    assert REMOTE not in bench.host.files


def test_a_file_of_the_persons_stays(bench: Bench) -> None:
    send(bench, "first")
    send(bench, "second", fails="write")
    bench.host.files[REMOTE] = "theirs"
    with pytest.raises(UndoConflict):
        bench.undo()
    assert bench.host.files[REMOTE] == "theirs"
