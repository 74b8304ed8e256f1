"""The tables of resources/tables: facts with a source per row."""

from __future__ import annotations

import csv
from functools import cache

from guide.resources import path


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """All rows of resources/tables/<name>.csv, by column name."""
    with path("tables", f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
