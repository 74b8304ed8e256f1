"""What dpkg and apt say: installed versions, holds, and what else could be installed."""

from __future__ import annotations

import re


def parse_packages(text: str) -> dict[str, str]:
    """Name -> version, from `hold pve-qemu-kvm 9.1.2-3` (dpkg-query with the wanted state) or without the state."""
    rows = (line.split() for line in text.splitlines())
    return {row[-2]: row[-1] for row in rows if len(row) in (2, 3)}


def parse_holds(text: str, showhold: str) -> frozenset[str]:
    """The held packages: by dpkg's wanted state, and by `apt-mark showhold`."""
    rows = (line.split() for line in text.splitlines())
    return frozenset(row[1] for row in rows if len(row) == 3 and row[0] == "hold") | frozenset(showhold.split())


def parse_policy(text: str) -> tuple[str, ...]:
    """The versions of the table in `apt-cache policy PACKAGE` that have a source other than dpkg's own status file."""
    found: dict[str, None] = {}
    version = ""
    for line in text.partition("Version table:")[2].splitlines():
        head = re.match(r"^ (?:\*\*\*|   ) (\d\S*) \d+$", line)
        if head:
            version = head[1]
        elif version and re.match(r"^\s+-?\d+ \S+", line) and "/var/lib/dpkg/status" not in line:
            found.setdefault(version)
    return tuple(found)
