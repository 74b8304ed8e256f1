"""Journal, merging back, cleaning, answers, tables, the ROM desk."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from guide import igd
from guide.answers import load_answers, print_answers
from guide.changes.merge import reverse_edit
from guide.choices import Choices
from guide.clean import Redactor, clean
from guide.errors import AnswersInvalid, JournalBroken
from guide.journal import Journal, parse
from guide.rules import RULES
from guide.tables import table

N100 = [0x46D0, 0x46D1, 0x46D2]


def test_the_journal_keeps_what_is_in_effect(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.write("begin", "cmdline", "file:/a", "file", {"before": "x"})
    journal.write("end", "cmdline", "file:/a", "file", {"before": "x", "after": "y"})
    journal.write("begin", "vfio", "file:/b", "file", {"before": None})
    again = Journal.open(tmp_path / "j.jsonl")
    assert [(item.change, item.finished) for item in again.standing()] == [("file:/a", True), ("file:/b", False)]
    again.write("undone", "cmdline", "file:/a", "file")
    assert [item.change for item in Journal.open(tmp_path / "j.jsonl").standing()] == ["file:/b"]


def test_a_torn_last_line_is_dropped_and_a_broken_one_is_not(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.write("begin", "cmdline", "c", "file", {"a": 1})
    assert len(parse(journal.text + '{"at": 1', "j")) == 1
    with pytest.raises(JournalBroken):
        parse("garbage\n" + journal.text, "j")


def test_the_hosts_copy_is_adopted_once(tmp_path: Path) -> None:
    host = Journal(tmp_path / "host.jsonl")
    host.write("end", "cmdline", "c", "file", {"a": 1})
    mine = Journal(tmp_path / "mine.jsonl")
    mine.adopt(host.text)
    mine.adopt(host.text)
    assert [item.change for item in Journal.open(tmp_path / "mine.jsonl").standing()] == ["c"]


@pytest.mark.parametrize(
    ("before", "after", "current", "expected"),
    [
        ("a\nb\n", "a\nB\n", "a\nB\nc\n", "a\nb\nc\n"),
        ("a\nb\n", "a\nB\n", "x\na\nB\n", "x\na\nb\n"),
        ("a\nb\n", "a\nB\n", "a\nB2\n", None),
        ("a\n", "a\nmine\n", "a\nmine\ntheirs\n", "a\ntheirs\n"),
        (None, "mine\n", "mine\ntheirs\n", "theirs\n"),
    ],
)
def test_only_our_own_lines_are_taken_back(before: str | None, after: str, current: str, expected: str | None) -> None:
    assert reverse_edit(before, after, current) == expected


def test_host_text_loses_what_could_deceive() -> None:
    assert clean("a\x1b[31mred\x1b[0m\x07\u202eb\r\n") == "aredb\n"
    assert Redactor(["hunter22"])("x hunter22 PVEAPIToken=root@pam!t=12345678-1234-1234-1234-123456789abc") == (
        "x *** PVEAPIToken=***"
    )


def test_printed_answers_are_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    for language in ("en", "zh_CN"):
        file.write_text(print_answers(language), encoding="utf-8")
        assert load_answers(file) == Choices()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("vm = 3", "vm must be a table"),
        ("[vm]\nmemroy = 1", "unknown key vm.memroy"),
        ('reboot = "maybe"', "reboot must be one of ask, yes, no"),
        ("[vm]\ncores = true", "vm.cores must be a int"),
        ('skip = ["nosuch"]', "skip must be a list of steps"),
        ("= broken", ""),
    ],
)
def test_bad_answers_are_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(AnswersInvalid) as caught:
        load_answers(file)
    assert reason in caught.value.params["reason"]


@pytest.mark.parametrize(
    ("device", "qemu", "possible", "args"),
    [
        ("46d1", "9.0.0-3", True, ("addr=02.0", "x-igd-gms=0x2", "x-igd-opregion=on")),
        ("46d1", "9.1.2-3", True, ("addr=02.0", "x-igd-gms=0x2", "x-igd-opregion=on")),
        ("46d1", "9.2.0-5", False, ()),
        ("46d1", "10.0.2-4", True, ()),
        ("46d1", "10.1.2-4", True, ("x-igd-lpc=on",)),
        ("46d1", "11.0.0-1", True, ("x-igd-lpc=on",)),
        ("3e92", "9.2.0-5", True, ("x-igd-opregion=on",)),
        ("9bc8", "9.2.0-5", False, ()),
        ("9a49", "9.2.0-5", True, ("x-igd-opregion=on",)),
        ("7d55", "10.0.2-4", False, ()),
        ("7d55", "10.1.2-4", True, ("x-igd-lpc=on",)),
        ("ffff", "9.0.0-3", None, ()),
        ("46d1", None, None, ()),
    ],
)
def test_the_decision_table(device: str, qemu: str | None, possible: bool | None, args: tuple[str, ...]) -> None:
    decision = igd.decide(device, qemu)
    assert decision.possible is possible
    assert decision.args == tuple(word for arg in args for word in ("-set", f"device.hostpci0.{arg}"))


def test_every_table_row_has_a_source_and_every_group_every_version() -> None:
    for name in ("igd", "igpu", "audio"):
        assert all(row["source"] for row in table(name)), name
    groups = {row["group"] for row in table("igpu")}
    for group in groups:
        rows = [row for row in table("igd") if row["group"] == group]
        assert rows[0]["qemu_from"] == "7.0"
        assert rows[-1]["qemu_to"] == ""
        assert all(one["qemu_to"] == other["qemu_from"] for one, other in itertools.pairwise(rows))
    assert len(RULES) == len(set(RULES))
