"""/etc/kernel/cmdline and /proc/cmdline: one line of arguments."""

from __future__ import annotations

from collections.abc import Callable

from guide.facts.assignments import with_words, without_words


def arguments(text: str | None) -> tuple[str, ...]:
    """The arguments of the first line that holds any."""
    for line in (text or "").splitlines():
        if line.strip():
            return tuple(line.split())
    return ()


def with_arguments(text: str, wanted: tuple[str, ...]) -> str:
    """The file with the wanted arguments in its first line; root= stays (facts: pve.md 5.1)."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.strip() or number == len(lines) - 1:
            lines[number] = with_words(line, wanted)
            break
    return "\n".join(lines)


def without_arguments(text: str, is_gone: Callable[[str], bool]) -> str:
    """The file without these arguments in its first line."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.strip():
            lines[number] = without_words(line, is_gone)
            break
    return "\n".join(lines)
