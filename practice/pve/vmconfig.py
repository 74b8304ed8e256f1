"""A VM's configuration file: parsed and written as qemu-server does (facts: pve.md 7)."""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

from practice.pve.calls import vm_options
from practice.pve.errors import died
from practice.pve.schema import OPTIONS, complaint

Warn = Callable[[str], None]

Section = dict[str, str]

LINE = re.compile(r"^([a-z][a-z_]*\d*):\s*(.+?)\s*$")
"""An empty value is read as one blank, as PVE does (facts: pve-behaviour.md section 5)."""


@dataclass
class VmFile:
    """The main section, the pending one, and snapshots by name. `delete` in pending lists keys to remove."""

    main: Section = field(default_factory=dict)
    pending: Section = field(default_factory=dict)
    snapshots: dict[str, Section] = field(default_factory=dict)


def parse(vmid: int, text: str, warn: Warn = lambda text: None) -> VmFile:
    """Unknown keys and bad values are warned about and dropped; of duplicates the last wins."""
    file = VmFile()
    section = file.main
    described: dict[int, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            described.setdefault(id(section), []).append(urllib.parse.unquote(line[1:]))
        elif line.startswith("[") and line.rstrip().endswith("]"):
            name = line.strip()[1:-1]
            section = file.pending if name == "PENDING" else file.snapshots.setdefault(name, {})
        elif match := LINE.match(line):
            _take(vmid, section, match[1], match[2], warn)
        elif line.strip():
            warn(f"vm {vmid} - unable to parse config: {line}\n")
    for section in (file.main, *file.snapshots.values()):
        if id(section) in described:
            section["description"] = "\n".join(described[id(section)])
    return file


def _take(vmid: int, section: Section, key: str, value: str, warn: Warn) -> None:
    extra = ("delete", "parent", "snaptime", "snapstate", "runningmachine", "runningcpu")
    if key not in vm_options() and key not in extra:
        warn(f"vm {vmid} - unable to parse value of '{key}' - unknown setting '{key}'\n")
        return
    problem = complaint(key, OPTIONS[key], value) if key in OPTIONS else ""
    if problem:
        # A file's value has no path before the field's name (recorded: PVE 8.2.4).
        plain = problem.removeprefix("invalid format - ").replace(f"{key}.", "")
        warn(f"vm {vmid} - unable to parse value of '{key}' - {plain}")
        return
    section[key] = value


def serialise(file: VmFile) -> str:
    """Sorted keys, the description as comments on top, then pending and snapshots. Raises 500 for a line feed."""
    parts = [_section(file.main)]
    if file.pending:
        parts.append("[PENDING]\n" + _section(file.pending))
    parts += [f"[{name}]\n" + _section(section) for name, section in sorted(file.snapshots.items())]
    return "\n".join(parts)


def _section(section: Section) -> str:
    """Raises 500 for a value that would be more than a line."""
    for key, value in section.items():
        if key != "description" and re.search(r"[\r\n]", value):
            raise died(f"unable to parse value of '{key}' - property contains a line feed")
    described = section.get("description", "")
    head = "".join(f"#{encoded(line)}\n" for line in described.split("\n")) if described else ""
    rows = sorted((key, value) for key, value in section.items() if key != "description")
    return head + "".join(f"{key}: {value}\n" for key, value in rows)


def encoded(text: str) -> str:
    """Control characters, colons and what is not ASCII as %XX, as PVE keeps descriptions."""
    raw = text.encode()
    return "".join(chr(byte) if 0x20 <= byte <= 0x7E and byte != 0x3A else f"%{byte:02X}" for byte in raw)


def digest(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()
