"""modprobe.d: what the files say, and our own lines in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from guide.facts.model import HostFile

MARK = "# pve-igpu: vfio-pci must be loaded before the drivers that would take the devices"

FOLDERS = ("/etc/modprobe.d/", "/run/modprobe.d/", "/lib/modprobe.d/")
"""Where modprobe looks, the first counts most."""

OWN = "/etc/modprobe.d/vfio.conf"
"""The guide's file: ours where no other one gives ids."""

_LINE = re.compile(r"(?:\\\n|[^\n])++\n?|\n")
"""A line with those that a backslash at its end joins to it: kmod leaves both signs out (libkmod-util.c)."""

_IDS = re.compile(r"^(?P<head>.*\sids=)(?P<ids>\S*)(?P<tail>.*)$", re.DOTALL)


@dataclass(frozen=True)
class ModprobeLine:
    """One line that is not a comment, split into words, with the file it stands in."""

    path: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)


def read(files: Mapping[str, HostFile]) -> tuple[str, ...]:
    """The paths that modprobe reads, in its order: by name whatever the folder; a file hides those of the same name in
    the folders that count less (modprobe.d(5))."""
    found: dict[str, str] = {}
    for path in sorted(files, key=_rank):
        if _rank(path) < len(FOLDERS):
            found.setdefault(_name(path), path)
    return tuple(found[name] for name in sorted(found))


def parse(files: Mapping[str, HostFile]) -> tuple[ModprobeLine, ...]:
    """All lines of all files that modprobe reads, in its order."""
    lines = ((path, tuple(_words(line))) for path in read(files) for line in _LINE.findall(files[path].text or ""))
    return tuple(ModprobeLine(path, words) for path, words in lines if words)


def _rank(path: str) -> int:
    return next((number for number, folder in enumerate(FOLDERS) if path.startswith(folder)), len(FOLDERS))


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _words(line: str) -> list[str]:
    return line.replace("\\\n", "").split("#")[0].split()


def own(path: str) -> str:
    """Where a file can be edited: what a package or a start has put elsewhere is hidden by a copy."""
    return FOLDERS[0] + _name(path)


def gives_ids(words: Sequence[str]) -> bool:
    """Whether it is a line `options vfio-pci ids=`."""
    return len(words) > 2 and words[0] == "options" and words[1] in ("vfio-pci", "vfio_pci") and bool(_id_words(words))


def id_lines(lines: Iterable[ModprobeLine]) -> tuple[ModprobeLine, ...]:
    """The lines that give vfio-pci its ids. The parameter is one text: of several the last is what counts."""
    return tuple(line for line in lines if gives_ids(line.words))


def vfio_ids(lines: Iterable[ModprobeLine]) -> tuple[str, ...]:
    """All ids that any such line names."""
    words = [word for line in id_lines(lines) for word in _id_words(line.words)]
    return tuple(dict.fromkeys(part for word in words for part in _split(word)))


def effective_ids(lines: Iterable[ModprobeLine]) -> tuple[str, ...]:
    """The ids that vfio-pci gets."""
    words = [word for line in id_lines(lines) for word in _id_words(line.words)]
    return _split(words[-1]) if words else ()


def _id_words(words: Sequence[str]) -> list[str]:
    return [word for word in words[2:] if word.startswith("ids=")]


def _split(word: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in word.removeprefix("ids=").split(",") if part)


def edited(text: str, edit: Callable[[list[str]], list[str]]) -> str:
    """`text` with every line that is not a comment put through `edit` by its words; lines that stay are untouched.

    A line without a word goes, and an `options` line that has no option any more.
    """
    kept = []
    for line in _LINE.findall(text):
        code, sign, comment = line.replace("\\\n", "").partition("#")
        words = code.split()
        after = edit(words) if words else words
        if after == words:
            kept.append(line)
        elif after and not (after[0] == "options" and len(after) < 3):
            kept.append(" ".join(after) + (f" {sign}{comment}" if sign else "\n"))
    return "".join(kept)


def vfio_edit(files: Mapping[str, HostFile], ids: Sequence[str], drivers: Sequence[str]) -> tuple[str, str | None, str]:
    """(path, text now, text wanted) of the file in which our ids take effect without taking it from others: the one
    with the line that counts, else the guide's own. What stands in any file already is not written again."""
    lines = parse(files)
    given, written, there = effective_ids(lines), {line.text for line in lines}, id_lines(lines)
    ids = [identity for identity in ids if identity not in given]
    drivers = [driver for driver in drivers if _softdep(driver) not in written]
    path = there[-1].path if there else OWN
    target = own(path) if ids or drivers else path
    text = files[path].text if path in files else None
    return target, text if target == path else None, vfio_conf(text, ids, drivers)


def vfio_conf(text: str | None, ids: Sequence[str], drivers: Sequence[str]) -> str:
    """One file with our ids (in its last ids= line, or in a new one) and one softdep line per driver. Idempotent."""
    lines: list[str] = _LINE.findall(text or "")
    there = [number for number, line in enumerate(lines) if gives_ids(_words(line))]
    new = []
    if there:
        lines[there[-1]] = _with_ids(lines[there[-1]], ids)
    elif ids:
        new.append(f"options vfio-pci ids={','.join(ids)}")
    present = {" ".join(_words(line)) for line in lines}
    missing = [line for line in map(_softdep, drivers) if line not in present]
    if missing:
        new += ([] if MARK in (text or "").splitlines() else [MARK]) + missing
    if new and lines and not (lines[-1].endswith("\n") and not lines[-1].endswith("\\\n")):
        lines[-1] = lines[-1].rstrip("\\\n") + "\n"
    return "".join((*lines, *(f"{line}\n" for line in new)))


def _softdep(driver: str) -> str:
    return f"softdep {driver} pre: vfio-pci"


def _with_ids(line: str, ids: Sequence[str]) -> str:
    code, sign, comment = line.replace("\\\n", "").partition("#")
    match = _IDS.match(code)
    missing = [identity for identity in ids if match and identity not in _split(match["ids"])]
    if match is None or not missing:
        return line
    merged = [part for part in match["ids"].split(",") if part] + missing
    return f"{match['head']}{','.join(merged)}{match['tail']}{sign}{comment}"
