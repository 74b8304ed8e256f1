"""The harness itself sees what differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from practice.conformance import forms
from practice.conformance.recording import RecordingError, load
from practice.conformance.run import run
from practice.scenario import load_scenario

UPIDS = "UPID:pve:000001E3:0005D601:6B02ACFF:qmstart:100:root@pam:", "UPID:n:1000E1E3:0005D601:6B02ACFF:qmstart:1:a@b:"
UUIDS = "0e3c0b1a-8f59-4d0c-9a7e-5d1f6a7b8c9d", "1f3c0b1a-8f59-4d0c-9a7e-5d1f6a7b8c9d"


@pytest.mark.parametrize(
    ("recorded", "ours", "seen"),
    [
        ({"a": 1}, {"a": 2}, []),
        ({"a": 1}, {"a": "1"}, [".a: 1 is not '1'"]),
        ({"a": 1}, {"a": True}, [".a: 1 is not True"]),
        ({"a": 1}, {}, [".a missing"]),
        ({}, {"a": 1}, [".a too much"]),
        ({"t": "x"}, {"t": "y"}, [".t: 'x' is not 'y'"]),
        (UPIDS[0], UPIDS[1], []),
        (f"uuid={UUIDS[0]}", f"uuid={UUIDS[1]}", []),
        ("<token secret>", "abc", []),
        ([{"n": 1, "t": "a"}], [{"n": 1, "t": "b"}], [": ['a'] is not ['b']"]),
        ([{"n": 2, "t": "b"}, {"n": 1, "t": "a"}], [{"n": 1, "t": "a"}, {"n": 2, "t": "b"}], []),
        ([{"vmid": 1, "x": 1}], [{"vmid": 2, "x": 1}], [".1 missing", ".2 too much"]),
        ([], [1], [": 0 elements are not 1"]),
    ],
)
def test_bodies_are_compared_by_form(recorded: Any, ours: Any, seen: list[str]) -> None:
    assert forms.differences(recorded, ours) == seen


@pytest.mark.parametrize(
    ("recorded", "ours", "equal"),
    [
        ("total 1234567\n", "total 7654321\n", True),
        ("a    b\n", "a b\n", False),
        ("a    b\n", "a  b\n", True),
        ("one\ntwo\n", "one\n", False),
        ("12.55%\n", "3.10%\n", True),
        ('{"a":1}', '{"a": 2}', True),
        ('{"a":1}', '{"b": 2}', False),
    ],
)
def test_output_is_compared_by_form(recorded: str, ours: str, equal: bool) -> None:
    assert (forms.lines(recorded, ours) == []) is equal


def _write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def _get(path: str, status: int, reason: str, body: Any) -> dict[str, Any]:
    request = {"method": "GET", "path": f"/api2/json{path}", "params": None}
    response = {"status": status, "reason": reason, "body": body}
    return {"label": path, "auth": "ticket", "request": request, "response": response}


def test_a_wrong_answer_is_reported_and_a_skip_has_its_reason(tmp_path: Path) -> None:
    version = {"version": "8.2.4", "release": "8.2", "repoid": "faa83925c9641325"}
    monitor = _get("/nodes/pve/qemu/100/monitor", 200, "OK", {"data": "x"})
    monitor["request"] |= {"method": "POST", "params": {"command": "info pci"}}
    records = [_get("/version", 200, "OK", {"data": version}), _get("/version", 404, "Lost", {"data": []}), monitor]
    report = run(load(_write(tmp_path / "pve.jsonl", *records)), load_scenario("n100-pve82"))
    *rows, last = report.table().splitlines()
    assert last == report.summary == "equal 1, different 1, skipped 1"
    assert rows[0] == "   2  different  /version"
    assert rows[1].strip() == "404 'Lost' is not 200 'OK'"
    assert rows[-1].startswith("   3  skipped    /nodes/pve/qemu/100/monitor: QEMU's human monitor")


@pytest.mark.parametrize("text", ["", "no json\n"])
def test_a_file_that_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError):
        load(path)
