"""Shell patterns: * ? [...], for file names, case and ${x#pattern}."""

from __future__ import annotations

import re
from functools import cache

from practice.files import FileSystem

MAGIC = re.compile(r"[*?\[]")
_BRACKET = re.compile(r"\[([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]", re.DOTALL)
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression for the whole string; a backslash makes the next character literal."""
    out, place = "", 0
    while place < len(pattern):
        char = pattern[place]
        place += 1
        if char == "*":
            out += ".*"
        elif char == "?":
            out += "."
        elif char == "[" and (bracket := _BRACKET.match(pattern, place - 1)):
            out += _bracket(bracket[1], bracket[2])
            place = bracket.end()
        elif char == "\\" and place < len(pattern):
            out += re.escape(pattern[place])
            place += 1
        else:
            out += re.escape(char)
    return re.compile(out, re.DOTALL)


def _bracket(negated: str, inner: str) -> str:
    out = re.sub(r"\\(.)", lambda match: re.escape(match[1]), inner) if "\\" in inner else inner.replace("[", r"\[")
    for name, members in _CLASSES.items():
        out = out.replace(rf"\[:{name}:]", members)
    out = "\\]" + out[1:] if out.startswith("]") else out
    return f"[{'^' if negated else ''}{out}]"


def literal(text: str) -> str:
    """Text as a pattern that matches only itself."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)


def plain(pattern: str) -> str:
    """A pattern without magic, back as text."""
    return re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL)


def expand_files(files: FileSystem, cwd: str, pattern: str) -> list[str]:
    """The files that match, sorted; the pattern itself where none does."""
    if not _magic(pattern):
        return [plain(pattern)]
    absolute = pattern.startswith("/")
    found = [("/" if absolute else cwd, "/" if absolute else "")]
    for part in [piece for piece in pattern.split("/") if piece]:
        following: list[tuple[str, str]] = []
        for real, shown in found:
            for name in _names(files, real, part):
                following.append((f"{real.rstrip('/')}/{name}", f"{shown}{name}/"))
        found = following
    return [shown.rstrip("/") for _, shown in found] or [plain(pattern)]


def _names(files: FileSystem, folder: str, part: str) -> list[str]:
    if not _magic(part):
        return [plain(part)] if files.exists(f"{folder}/{plain(part)}") else []
    try:
        names = files.listdir(folder)
    except OSError:
        return []
    return [
        name for name in names if compiled(part).fullmatch(name) and (not name.startswith(".") or part.startswith("."))
    ]


def _magic(pattern: str) -> bool:
    return bool(MAGIC.search(re.sub(r"\\.", "", pattern, flags=re.DOTALL)))


def trim(value: str, pattern: str, operator: str) -> str:
    """${value#pattern} and its kin: # ## cut the front, % %% the end; doubled is the longest match."""
    expression = compiled(pattern)
    longest = len(operator) == 2
    if operator[0] == "#":
        ends = range(len(value), -1, -1) if longest else range(len(value) + 1)
        return next((value[end:] for end in ends if expression.fullmatch(value[:end])), value)
    starts = range(len(value) + 1) if longest else range(len(value), -1, -1)
    return next((value[:start] for start in starts if expression.fullmatch(value[start:])), value)
