"""Reading options and files, with GNU's complaints."""

from __future__ import annotations

import posixpath
from collections.abc import AsyncIterator

from practice.shell.context import Context
from practice.shell.streams import Source
from practice.shell.syntax import Unsupported


class Usage(Unsupported):
    """An option that the practice host's program does not have: refused, never ignored."""


def split(context: Context, flags: str, valued: str = "") -> tuple[set[str], dict[str, str], list[str]]:
    """(flags, options with values, operands). `flags` and `valued` are letters; `--` ends the options."""
    seen: set[str] = set()
    values: dict[str, str] = {}
    operands: list[str] = []
    words = iter(context.argv[1:])
    for word in words:
        if word == "--":
            operands += words
        elif word.startswith("--"):
            raise Usage(f"{context.argv[0]}: {word}")
        elif word.startswith("-") and len(word) > 1:
            _letters(context.argv[0], word[1:], flags, valued, seen, values, words)
        else:
            operands.append(word)
    return seen, values, operands


def _letters(
    program: str, text: str, flags: str, valued: str, seen: set[str], values: dict[str, str], words: object
) -> None:
    for number, letter in enumerate(text):
        if letter in valued:
            rest = text[number + 1 :]
            values[letter] = rest or next(words, "")  # type: ignore[call-overload]
            return
        if letter not in flags:
            raise Usage(f"{program}: -{letter}")
        seen.add(letter)


def refuse(context: Context, what: str) -> int:
    """Loudly not supported."""
    context.err(f"practice host: not supported: {context.argv[0]}: {what}\n")
    return 2


def absolute(context: Context, name: str) -> str:
    return posixpath.normpath(posixpath.join(context.cwd, name))


async def inputs(context: Context, names: list[str]) -> AsyncIterator[tuple[str, bytes | None]]:
    """(name, content) of each operand, or of standard input; None after a complaint."""
    for name in names or ["-"]:
        if name == "-":
            yield "-", await context.stdin.read()
            continue
        try:
            yield name, context.machine.fs.read(absolute(context, name))
        except OSError as error:
            context.err(f"{context.argv[0]}: {name}: {error.strerror}\n")
            yield name, None


def source_of(context: Context, name: str) -> Source:
    """A file as a stream."""
    return Source(context.machine.fs.read(absolute(context, name)))
