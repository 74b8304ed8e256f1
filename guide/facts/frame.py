"""Taking the survey's text apart: sections and files, between frames that a host cannot forge."""

from __future__ import annotations

from collections.abc import Mapping

from guide.facts.model import HostFile


def sections(text: str, word: str) -> dict[str, str]:
    """Name -> raw text of each section. A section that never ended (the survey was cut) is dropped."""
    found: dict[str, str] = {}
    name, lines = "", list[str]()
    for line in text.split("\n"):
        if line.startswith(f"{word} begin "):
            name, lines = line[len(word) + 7 :].strip(), []
        elif line == f"{word} end":
            if name:
                # The frame begins on a line of its own, so the text before it has one line end too many.
                found[name] = "\n".join(lines[:-1] if lines and lines[-1] == "" else lines)
            name = ""
        elif name:
            lines.append(line)
    return found


def files(section: str, word: str) -> dict[str, HostFile]:
    """Path -> file, byte for byte as text (a missing file is not in it)."""
    found: dict[str, HostFile] = {}
    path, lines = "", list[str]()
    for line in section.split("\n"):
        if line.startswith(f"{word} file "):
            path, lines = line[len(word) + 6 :], []
        elif line == f"{word} eof" and path:
            found[path] = HostFile(path, "\n".join(lines))
            path = ""
        elif path:
            lines.append(line)
    return found


def framed(texts: Mapping[str, str], word: str) -> str:
    """The inverse of `files`: texts by path as the survey script frames them."""
    return "\n".join(f"{word} file {path}\n{text}\n{word} eof" for path, text in texts.items())
