"""The journal: append-only JSON lines, one file per host, kept on the workstation and on the host.

A change is written before it touches the host ("begin"), may be written again while it runs ("record"), and is
written after ("end" or "failed"); undoing writes "undone". Resume and undo read nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guide.change import canonical
from guide.errors import JournalBroken

HOST_FOLDER = "/var/lib/pve-igpu"
HOST_JOURNAL = f"{HOST_FOLDER}/journal.jsonl"

PHASES = frozenset({"begin", "record", "end", "failed", "undone", "memory"})


@dataclass(frozen=True)
class Entry:
    """One line. `record` is the change's undo record (or the remembered values of a "memory" line)."""

    at: float
    phase: str
    step: str
    change: str = ""
    kind: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return canonical(
            {
                "at": round(self.at, 3),
                "phase": self.phase,
                "step": self.step,
                "change": self.change,
                "kind": self.kind,
                "record": dict(self.record),
            }
        )

    @staticmethod
    def from_json(line: str) -> Entry:
        """Raises ValueError for anything that is not an entry."""
        raw = json.loads(line)
        if not isinstance(raw, dict) or raw.get("phase") not in PHASES or not isinstance(raw.get("record"), dict):
            raise ValueError("not a journal entry")
        return Entry(
            float(raw["at"]), raw["phase"], str(raw["step"]), str(raw["change"]), str(raw["kind"]), raw["record"]
        )


@dataclass(frozen=True)
class Standing:
    """A change as the journal knows it: the step that began it, the latest record, and whether it was finished."""

    change: str
    step: str
    kind: str
    record: Mapping[str, Any]
    at: float
    finished: bool


class Journal:
    """The entries of one host, in order, in a file on the workstation. The runner copies `text` to the host."""

    def __init__(self, path: Path, entries: Iterable[Entry] = ()) -> None:
        self.path = path
        self._entries = list(entries)

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Read a journal; a missing file is an empty one. A torn last line (a crash while writing) is cut off, so that
        the next entry does not continue it."""
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return cls(path)
        journal = cls(path, parse(text, str(path)))
        if text and not text.endswith("\n"):
            journal._rewrite()
        return journal

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    @property
    def has_changes(self) -> bool:
        """Whether a change was ever begun on this host."""
        return any(entry.phase != "memory" for entry in self._entries)

    @property
    def text(self) -> str:
        return "".join(entry.to_json() + "\n" for entry in self._entries)

    def adopt(self, other: str) -> None:
        """Take over the host's copy where it knows more than this file (another workstation worked on the host).

        The host's order counts, not the workstations' clocks. What it does not have of ours was written before the
        others went on: it stays right behind the entry that both know.
        """
        theirs = parse(other, HOST_JOURNAL)
        lines = [entry.to_json() for entry in theirs]
        if set(lines) <= {entry.to_json() for entry in self._entries}:
            return
        behind: dict[str, list[Entry]] = {"": []}
        known = ""
        for entry in self._entries:
            if entry.to_json() in lines:
                known = entry.to_json()
            else:
                behind.setdefault(known, []).append(entry)
        self._entries = behind[""]
        for line, entry in zip(lines, theirs, strict=True):
            self._entries += [entry, *behind.pop(line, [])]
        self._rewrite()

    def write(
        self, phase: str, step: str, change: str = "", kind: str = "", record: Mapping[str, Any] | None = None
    ) -> None:
        """Append one entry and flush it to disk."""
        entry = Entry(time.time(), phase, step, change, kind, record or {})
        self._entries.append(entry)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(entry.to_json() + "\n")
            file.flush()
            os.fsync(file.fileno())

    def standing(self) -> tuple[Standing, ...]:
        """Changes that are (or may be) in effect, oldest first: begun and not undone since."""
        found: dict[str, Standing] = {}
        for entry in self._entries:
            if entry.phase == "undone":
                found.pop(entry.change, None)
            elif entry.phase in ("begin", "record", "end", "failed"):
                old = found.pop(entry.change, None)
                record = dict(entry.record) or (dict(old.record) if old else {})
                # A new begin says that what was finished is being done again.
                finished = entry.phase == "end" or (entry.phase != "begin" and old is not None and old.finished)
                step = old.step if old else entry.step
                found[entry.change] = Standing(entry.change, step, entry.kind, record, entry.at, finished)
        return tuple(standing for standing in found.values() if standing.record)

    def find(self, change: str) -> Standing | None:
        """The standing change of that id, if any."""
        return next((standing for standing in self.standing() if standing.change == change), None)

    def remember(self, step: str, **values: Any) -> None:
        """Keep small values across sessions: the VM's number, the person's answers, skipped steps."""
        self.write("memory", step, record=values)

    def memory(self) -> dict[str, Any]:
        """All remembered values, the newest of each name."""
        values: dict[str, Any] = {}
        for entry in self._entries:
            if entry.phase == "memory":
                values.update(entry.record)
        return values

    def _rewrite(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(self.text, encoding="utf-8", newline="\n")
        fresh.replace(self.path)


def parse(text: str, source: str) -> list[Entry]:
    """All entries of a journal text. Raises `JournalBroken` for a bad line that is not a torn last one."""
    entries: list[Entry] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entries.append(Entry.from_json(line))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                break
            raise JournalBroken(path=source, line=str(number)) from error
    return entries


def journal_path(folder: Path, fingerprint: str) -> Path:
    """Where the journal of the host with that key fingerprint is kept; the name is safe on every file system."""
    digest = hashlib.sha256(fingerprint.encode()).digest()
    return folder / f"{base64.b32encode(digest).decode().lower()[:26]}.jsonl"
