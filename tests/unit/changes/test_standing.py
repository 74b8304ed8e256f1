"""What counts as finished, where several steps edit one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.changes.files import EditFile
from guide.standing import finished
from tests.unit.changes.bench import Bench

KERNEL = "/etc/kernel/cmdline"
REFRESH = ("proxmox-boot-tool", "refresh")
REMEDY, STEP = f"file:{KERNEL}:remedy-arguments", f"file:{KERNEL}:kernel-command-line"


def edit(before: str, after: str, purpose: str) -> EditFile:
    return EditFile(KERNEL, before, after, purpose, REFRESH)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.host.files[KERNEL] = "root=x harmful\n"
    made.apply(edit("root=x harmful\n", "root=x\n", "remedy-arguments"), "check")
    return made


def test_a_refresh_that_failed_is_offered_again(bench: Bench) -> None:
    """The file has its words, but the next boot does not: the remedy's good end says nothing about the step."""
    bench.apply(edit("root=x\n", "root=x ours\n", "kernel-command-line"), "cmdline", fails="command")
    assert finished(bench.journal) == frozenset()
    again = edit("root=x ours\n", "root=x ours\n", "kernel-command-line")
    bench.apply(again, "cmdline")
    assert finished(bench.journal) == {REMEDY, STEP}
    bench.undo()
    assert bench.host.files[KERNEL] == "root=x harmful\n"


def test_a_later_edit_that_failed_takes_the_end_of_the_earlier_one_too(bench: Bench) -> None:
    bench.apply(edit("root=x\n", "root=x ours\n", "kernel-command-line"), "cmdline")
    assert finished(bench.journal) == {REMEDY, STEP}
    bench.apply(edit("root=x ours\n", "ours\n", "remedy-arguments"), "check", fails="command")
    assert finished(bench.journal) == frozenset()
    bench.apply(edit("ours\n", "ours\n", "kernel-command-line"), "cmdline")
    assert finished(bench.journal) == {STEP}
