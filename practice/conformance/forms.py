"""Comparing by form: ids, times and sizes differ between two hosts; keys, types and texts must not."""

from __future__ import annotations

import json
import re
from typing import Any

UPID = re.compile(r"UPID:[\w-]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:\s]*:[^:\s]*:[^:\s]*:")
DIGEST = re.compile(r"^[0-9a-f]{40}$")
FORMS = (
    (UPID, "UPID"),
    (re.compile(r"pveupload-[0-9a-f]+"), "pveupload-X"),
    (re.compile(r"tmp_dwnl\.\d+"), "tmp_dwnl.X"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\([\d.]+ [KMG]?B/s\)|[\d.]+[KMG]=[\d.]+s"), "SPEED"),
    (re.compile(r"BC:24:11(?::[0-9A-F]{2}){3}"), "MAC"),
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"), "UUID"),
    (re.compile(r"^[0-9a-f]{40}$"), "DIGEST"),
    (re.compile(r"ctime=\d+"), "ctime=T"),
)
HOSTS_OWN = frozenset(
    [
        "digest",
        "ssl_fingerprint",
        "model",
        "flags",
        "mhz",
        "address",
        "cidr",
        "ip",
        "gateway",
        "kversion",
        "content",
        "mode",
        "hvm",
        "running-machine",
        "running-qemu",
        "password",
        "port",
    ]
)
"""Fields whose text belongs to one host (README of the recordings): only their type is compared."""

HOSTS_DICTS = frozenset({"boot-info", "blockstat", "nics", "proxmox-support", "cpuinfo", "ballooninfo"})
"""Tables whose keys depend on the firmware, QEMU or hardware of one host: only that they are there is compared."""

QEMUS = frozenset({"blockstat", "proxmox-support", "running-qemu", "running-machine", "diskread", "diskwrite", "nics"})
"""Fields of a running VM that QEMU itself supplies: there only where it answered in time."""

IDENTITY = ("id", "iface", "volid", "storage", "key", "name", "tokenid", "vmid", "realm", "Package", "userid", "poolid")


def form(text: str) -> str:
    """The text without what belongs to one host."""
    for pattern, name in FORMS:
        text = pattern.sub(name, text)
    return text


def differences(recorded: Any, ours: Any, loose: bool = False, place: str = "") -> list[str]:
    """Where two bodies differ. `loose`: the elements of lists belong to the host, only their keys and types count."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        if place.rpartition(".")[2] in HOSTS_DICTS:
            return []
        late = QEMUS if recorded.get("qmpstatus") == "running" else frozenset()
        found = [f"{place}.{key} missing" for key in sorted(recorded.keys() - ours.keys() - late)]
        found += [f"{place}.{key} too much" for key in sorted(ours.keys() - recorded.keys() - late)]
        for key in sorted(recorded.keys() & ours.keys()):
            found += differences(recorded[key], ours[key], loose, f"{place}.{key}")
        return found
    if isinstance(recorded, list) and isinstance(ours, list):
        return _lists(recorded, ours, loose, place)
    if type(recorded) is not type(ours) and not _numbers(recorded, ours):
        return [f"{place}: {_short(recorded)} is not {_short(ours)}"]
    if isinstance(recorded, str) and not _free(recorded, loose, place) and form(recorded) != form(ours):
        return [f"{place}: {_short(recorded)} is not {_short(ours)}"]
    return []


def _free(recorded: str, loose: bool, place: str) -> bool:
    """Whether the text itself does not count; secrets of the recorded host stand as <...>."""
    return loose or place.rpartition(".")[2] in HOSTS_OWN or bool(re.search(r"<[\w ]+>", recorded))


def lines(recorded: str, ours: str) -> list[str]:
    """Where two texts of a command differ, line by line, numbers of the host and the width of columns aside."""
    if recorded.lstrip()[:1] in ("{", "["):
        try:
            return differences(json.loads(recorded), json.loads(ours))
        except ValueError:
            pass
    one, other = ([_line(line) for line in text.splitlines()] for text in (recorded, ours))
    if one == other:
        return []
    for number, (wanted, said) in enumerate(zip(one, other, strict=False)):
        if wanted != said:
            return [f"line {number + 1}: {_short(wanted)} is not {_short(said)}"]
    return [f"{len(one)} lines are not {len(other)}: {_short((one + other)[min(len(one), len(other))])}"]


def _line(text: str) -> str:
    text = re.sub(r"copied, [\d.]+ s, [\d.]+ [kMG]?B/s", "copied, SPEED", text)
    text = re.sub(r"\b(?!127\.)\d+(?:\.\d+){3}\b", "ADDRESS", text)
    text = re.sub(r'"version": \d+', '"version": N', text)
    text = re.sub(r"(\brunning\s.*\s)\d+\s*$", r"\1N", text)
    text = re.sub(r"\b\d{5,}\b", "N", form(text))
    text = re.sub(r"\b\d+(?:\.\d+)?%", "N%", text)
    return re.sub(r"[ \t]{2,}", "  ", text).rstrip()


def _lists(recorded: list[Any], ours: list[Any], loose: bool, place: str) -> list[str]:
    rows = [*recorded, *ours]
    if rows and all(isinstance(row, dict) and "t" in row and "n" in row for row in rows):
        wanted = [form(str(row["t"])) for row in sorted(recorded, key=lambda row: int(row["n"]))]
        said = [form(str(row["t"])) for row in ours]
        return [] if wanted == said or loose else [f"{place}: {wanted} is not {said}"]
    if loose or all(isinstance(row, dict) and "upid" in row for row in rows):
        return _shapes(recorded, ours, place)
    if bool(recorded) != bool(ours):
        return [f"{place}: {len(recorded)} elements are not {len(ours)}"]
    for key in IDENTITY:
        if rows and all(isinstance(row, dict) and key in row for row in rows):
            named = {str(row[key]): row for row in recorded}, {str(row[key]): row for row in ours}
            return differences(*named, loose, place)
    if len(recorded) != len(ours):
        return [f"{place}: {len(recorded)} elements are not {len(ours)}"]
    found = []
    for number, pair in enumerate(zip(recorded, ours, strict=True)):
        found += differences(*pair, loose, f"{place}[{number}]")
    return found


def _shapes(recorded: list[Any], ours: list[Any], place: str) -> list[str]:
    """Each kind of element that one side has, by keys and types, is there on the other side too."""
    if bool(recorded) != bool(ours):
        return [f"{place}: {len(recorded)} elements are not {len(ours)}"]
    if not all(isinstance(row, dict) for row in [*recorded, *ours]):
        return []
    wanted, said = _common(recorded), _common(ours)
    return [f"{place}[]: {item} missing" for item in sorted(wanted - said)]


def _common(rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """(key, type) of what every element has."""
    each = [{(key, type(value).__name__) for key, value in row.items()} for row in rows]
    return set.intersection(*each) if each else set()


def _numbers(one: Any, other: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:157]}..."
