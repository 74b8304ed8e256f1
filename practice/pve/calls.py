"""Which parameters a call has in a release (practice/data/calls.toml), as options to check them by."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from practice.pve.schema import OPTIONS, Option, of_release

COUNTS = {
    "hostpci": 16,
    "ide": 4,
    "ipconfig": 32,
    "net": 32,
    "numa": 8,
    "parallel": 3,
    "sata": 6,
    "scsi": 31,
    "serial": 4,
    "unused": 256,
    "usb": 14,
    "virtio": 16,
    "virtiofs": 10,
}
"""How many there are of a numbered parameter (qemu-server's constants)."""

Release = tuple[int, ...]


@cache
def _table() -> dict[str, dict[str, Any]]:
    path = Path(__file__).resolve().parents[1] / "data" / "calls.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def there(call: str, release: Release) -> bool:
    """Whether the release has the call ("GET /version"); those that the table does not list are in every one."""
    row = _table().get(call, {})
    return _within({key.removeprefix("@"): value for key, value in row.items() if key.startswith("@")}, release)


@cache
def options(call: str, release: Release) -> dict[str, Option]:
    """Its parameters, those of the path left out; {} for a call that the table does not list."""
    found: dict[str, Option] = {}
    for name, rows in _table().get(call, {}).items():
        if name.startswith("@"):
            continue
        row = next((row for row in (rows if isinstance(rows, list) else [rows]) if _within(row, release)), None)
        if row is None:
            continue
        plain = name.removesuffix("[n]")
        names = [f"{plain}{number}" for number in range(COUNTS[plain])] if name.endswith("[n]") else [name]
        # The formats of VM options are finer than their types.
        special = call.endswith(("/config", "/qemu"))
        found.update({key: _finer(key, row, release) if special else _option(row) for key in names})
    return found


def _finer(key: str, row: dict[str, Any], release: Release) -> Option:
    """The format of a VM option where it is finer than its type: until 7.4 memory was a number, for one."""
    option = OPTIONS.get(key)
    if option is None or (option.kind == "fields" and row["type"] != "string"):
        return _option(row)
    return replace(of_release(option, release), longest=row.get("maxLength"))


@cache
def vm_options() -> frozenset[str]:
    """Everything that a VM's configuration may hold in any release."""
    call = "PUT /nodes/{node}/qemu/{vmid}/config"
    passing = ("delete", "revert", "digest", "skiplock", "force", "background_delay")
    named = (set(options(call, release)) for release in ((7, 4), (8, 2), (8, 4), (9, 0), (9, 1)))
    return frozenset(set().union(*named, OPTIONS) - set(passing))


def _within(row: dict[str, Any], release: Release) -> bool:
    since, until = (_numbers(str(row.get(key, ""))) for key in ("since", "until"))
    return since <= release and (not until or release < until)


def _numbers(text: str) -> Release:
    return tuple(int(part) for part in text.split(".") if part)


def _option(row: dict[str, Any]) -> Option:
    return Option(
        row["type"],
        # Perl's way of writing flags into a group.
        re.sub(r"\(\?\^(i?):", lambda match: f"(?{match[1]}:" if match[1] else "(?:", row.get("pattern", "")),
        tuple(row.get("enum", ())),
        row.get("minimum"),
        row.get("maximum"),
        bool(row.get("required")),
        row.get("maxLength"),
        form=row.get("format", ""),
    )
