"""Lists and structures as the command line tools print them for people."""

from __future__ import annotations

import json
import re
from typing import Any

COLUMNS = {
    "/nodes/[^/]+/hardware/pci": (
        "class device id iommugroup vendor device_name mdev subsystem_device subsystem_device_name subsystem_vendor"
        " subsystem_vendor_name vendor_name"
    ),
    "/nodes/[^/]+/storage": "content storage type active avail enabled shared total used used_fraction",
    "/nodes/[^/]+/qemu": "status vmid cpus lock maxdisk maxmem name pid qmpstatus tags uptime",
    "/nodes/[^/]+/tasks": "id node pid pstart starttime type upid user endtime status",
}
"""Properties by the path of a call: those that every element has first, each part by name (PVE's API schema)."""


def columns(path: str) -> list[str]:
    """What `pvesh get` shows of a list; [] where it is not known."""
    found = (names for pattern, names in COLUMNS.items() if re.fullmatch(f"/?{pattern[1:]}/?", path))
    return next(found, "").split()


def plain(rows: list[dict[str, Any]], names: list[str]) -> str:
    """With --noborder: a head, and rows by the first column; numbers to the right."""
    rows = sorted(rows, key=lambda row: str(row.get(names[0], "")))
    cells = [[str(row.get(name, "")) for name in names] for row in rows]
    wide = [max(len(text) for text in column) for column in zip(names, *cells, strict=True)]
    numeric = [any(isinstance(row.get(name), int) for row in rows) for name in names]

    def line(texts: list[str]) -> str:
        parts = (f"{t:>{w}}" if n else f"{t:<{w}}" for t, w, n in zip(texts, wide, numeric, strict=True))
        return " ".join(parts).rstrip()

    return "".join(f"{line(texts)}\n" for texts in [names, *cells])


def nested(value: dict[str, Any], depth: int = 0) -> str:
    """Keys by name, what is inside them one tab further; booleans as 1 and empty."""
    found = []
    for key, inner in sorted(value.items()):
        head = "\t" * depth + f"{key}:"
        if isinstance(inner, dict):
            found.append(f"{head}\n{nested(inner, depth + 1)}")
        elif isinstance(inner, list):
            found.append(f"{head}\n" + "".join("\t" * (depth + 1) + f"{item}\n" for item in inner))
        elif isinstance(inner, bool):
            found.append(f"{head} {'1' if inner else ''}".rstrip() + "\n")
        else:
            found.append(f"{head} {'' if inner is None else inner}".rstrip() + "\n")
    return "".join(found)


def pretty(value: Any) -> str:
    """JSON as Perl's JSON->pretty writes it: three blanks, and one on each side of a colon."""
    return json.dumps(value, indent=3, sort_keys=True, ensure_ascii=False, separators=(",", " : ")) + "\n"
