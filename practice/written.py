"""A scenario as the text of a file."""

from __future__ import annotations

import json
from typing import Any

import tomli_w

from practice.scenario import FOLDER, Scenario, read_scenario
from practice.schema import ROW, needed

PARTS = ("_pve82", "_pve83", "_pve90", "_pve91", "_pve84", "_pve74")
"""What each release of Proxmox VE has in common, the one of the guide first."""


def parts() -> list[Scenario]:
    """The shared parts of the releases. They are no whole machines."""
    return [read_scenario(FOLDER / f"{name}.toml", whole=False) for name in PARTS]


def as_text(table: dict[str, Any], remarks: list[str]) -> str:
    """The file: remarks, plain keys, one device per line, then the tables."""
    plain = {
        key: value for key, value in table.items() if not isinstance(value, dict) and key not in ("pci", "storage")
    }
    tables = {key: value for key, value in table.items() if isinstance(value, dict) or key == "storage"}
    # JSON's strings and numbers are TOML's too.
    rows = [f"  {json.dumps(row, ensure_ascii=False)},\n" for row in table.get("pci", [])]
    columns = ", ".join(name for name, _ in ROW)
    return "".join(
        [
            *(f"# {_printable(remark)}\n" for remark in remarks),
            tomli_w.dumps(plain),
            f"\n# {columns}\npci = [\n",
            *rows,
            "]\n\n",
            # A text of several lines would lose a carriage return when it is read.
            tomli_w.dumps(tables, multiline_strings="\\r" not in repr(tables)),
        ]
    )


def taken_over(table: dict[str, Any], whole: Scenario) -> list[tuple[str, str]]:
    """(key, value) of what no machine can lack and the file itself does not say."""
    mine = Scenario("", table)
    return [(key, _short(whole.get(key))) for key in needed() if mine.get(key) is None]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _short(value: Any) -> str:
    return ", ".join(str(row["name"]) for row in value) if isinstance(value, list) and value else str(value)
