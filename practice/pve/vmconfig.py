"""A VM's configuration file: parsed and written as qemu-server does (facts: pve.md 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from practice.pve.schema import OPTIONS, complaint

Warn = Callable[[str], None]

Section = dict[str, str]


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
    described: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            described.append(line[1:])
        elif line.startswith("[") and line.rstrip().endswith("]"):
            name = line.strip()[1:-1]
            section = file.pending if name == "PENDING" else file.snapshots.setdefault(name, {})
        elif ":" in line:
            key, _, value = line.partition(":")
            _take(vmid, section, key.strip(), value.strip(), warn)
        elif line.strip():
            warn(f"vm {vmid} - unable to parse config: {line}\n")
    if described:
        file.main["description"] = "\n".join(described)
    return file


def _take(vmid: int, section: Section, key: str, value: str, warn: Warn) -> None:
    extra = ("delete", "parent", "snaptime", "snapstate", "runningmachine", "runningcpu")
    if key not in OPTIONS and key not in extra:
        warn(f"vm {vmid} - unable to parse value of '{key}' - unknown setting '{key}'\n")
        return
    problem = complaint(key, OPTIONS[key], value) if key in OPTIONS else ""
    if problem:
        plain = problem.removeprefix("invalid format - ")
        warn(f"vm {vmid} - unable to parse value of '{key}' - {plain}")
        return
    section[key] = value


def serialise(file: VmFile) -> str:
    """Sorted keys, the description as comments on top, then pending and snapshots."""
    described = file.main.get("description", "")
    head = "".join(f"#{line}\n" for line in described.split("\n")) if described else ""
    main = {key: value for key, value in file.main.items() if key != "description"}
    parts = [head + _section(main)]
    if file.pending:
        parts.append("[PENDING]\n" + _section(file.pending))
    parts += [f"[{name}]\n" + _section(section) for name, section in sorted(file.snapshots.items())]
    return "\n".join(parts)


def _section(section: Section) -> str:
    return "".join(f"{key}: {value}\n" for key, value in sorted(section.items()))


def digest(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()
