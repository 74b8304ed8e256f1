"""modprobe.d: what the files say, and our own lines in vfio.conf."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from guide.facts.model import HostFile

MARK = "# pve-igpu: vfio-pci must be loaded before the drivers that would take the devices"

FOLDERS = ("/etc/modprobe.d/", "/run/modprobe.d/", "/lib/modprobe.d/")
"""Where modprobe looks, the first counts most."""

_IDS = re.compile(r"^(?P<head>\s*options\s+vfio[-_]pci\s+(?:\S+\s+)*?ids=)(?P<ids>\S*)(?P<tail>.*)$")


@dataclass(frozen=True)
class ModprobeLine:
    """One line that is not a comment, split into words, with the file it stands in."""

    path: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)


def parse(files: Mapping[str, HostFile]) -> tuple[ModprobeLine, ...]:
    """All lines of all files that modprobe reads, in the order of their names: a file hides those of the same name in
    the folders that count less (modprobe.d(5))."""
    found, seen = [], set[str]()
    for path, file in sorted(files.items(), key=lambda item: (_rank(item[0]), item[0])):
        name = path.rsplit("/", 1)[-1]
        if _rank(path) < len(FOLDERS) and name not in seen:
            seen.add(name)
            for line in (file.text or "").replace("\\\n", " ").splitlines():
                words = line.split("#")[0].split()
                if words:
                    found.append(ModprobeLine(path, tuple(words)))
    return tuple(found)


def _rank(path: str) -> int:
    return next((number for number, folder in enumerate(FOLDERS) if path.startswith(folder)), len(FOLDERS))


def vfio_ids(lines: Iterable[ModprobeLine]) -> tuple[str, ...]:
    """All ids that any `options vfio-pci ids=` line names."""
    found: list[str] = []
    for line in lines:
        if line.words[0] == "options" and len(line.words) > 2 and line.words[1] in ("vfio-pci", "vfio_pci"):
            for word in line.words[2:]:
                if word.startswith("ids="):
                    found += [part.lower() for part in word[4:].split(",") if part]
    return tuple(dict.fromkeys(found))


def edited(text: str, edit: Callable[[list[str]], list[str]]) -> str:
    """`text` with every line that is not a comment put through `edit` by its words; lines that stay are untouched.

    A line without a word goes, and an `options` line that has no option any more.
    """
    kept = []
    for line in text.splitlines(keepends=True):
        code, sign, comment = line.partition("#")
        words = code.split()
        after = edit(words) if words else words
        if after == words:
            kept.append(line)
        elif after and not (after[0] == "options" and len(after) < 3):
            kept.append(" ".join(after) + (f" {sign}{comment}" if sign else "\n"))
    return "".join(kept)


def vfio_conf(text: str | None, ids: list[str], drivers: list[str]) -> str:
    """vfio.conf with our ids (merged into an existing ids= line) and one softdep line per driver. Idempotent."""
    lines = (text or "").splitlines()
    place = next((number for number, line in enumerate(lines) if _IDS.match(line)), None)
    if place is None:
        if ids:
            lines.append(f"options vfio-pci ids={','.join(ids)}")
    else:
        match = _IDS.match(lines[place])
        if match is not None:
            there = [part for part in match["ids"].split(",") if part]
            lower = {part.lower() for part in there}
            merged = there + [identity for identity in ids if identity not in lower]
            lines[place] = f"{match['head']}{','.join(merged)}{match['tail']}"
    present = {" ".join(line.split()) for line in lines}
    missing = [line for line in (f"softdep {driver} pre: vfio-pci" for driver in drivers) if line not in present]
    if missing:
        lines += ([] if MARK in lines else [MARK]) + missing
    result = "\n".join(lines) + ("\n" if lines else "")
    return text if text is not None and result.rstrip("\n") == text.rstrip("\n") else result
