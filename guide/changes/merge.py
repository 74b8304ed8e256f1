"""Taking our own edit out of a text that somebody else has edited since: three-way, or not at all.

Two edits of the same text, ours taken back and theirs, are put together line by line; where both changed one line, word
by word in it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

_WORD = re.compile(r"\s*(?:[\"']|[^\s\"']+)|\s+")
"""A word or a quote, with the space before it. `a=b,c` is one word: with more in its list it is another value."""

Key = Callable[[str], str]
"""By what two parts count as the same."""


@dataclass(frozen=True)
class _Hunk:
    """`[start:end]` of the parts becomes `parts`."""

    start: int
    end: int
    parts: tuple[str, ...]


def reverse_edit(before: str | None, after: str, current: str | None) -> str | None:
    """`current` with our edit (`before` -> `after`) taken back; None where our words are no longer as we left them.

    What of our edit is not there (any more) is left alone.
    """
    if current is None:
        return None
    texts = (text.splitlines(keepends=True) for text in (after, before or "", current))
    merged = _merge(*texts, in_lines=True)
    return None if merged is None else "".join(merged)


def _merge(base: list[str], ours: list[str], theirs: list[str], *, in_lines: bool) -> list[str] | None:
    """`base` with both edits made, ours before theirs in one place; None where they contradict each other."""
    key = str if in_lines else str.strip
    foreign, own = _hunks(base, theirs, key), []
    for hunk in _hunks(base, ours, key):
        if any(_has_all_of(other, hunk) for other in foreign):
            continue
        clashes = [other for other in foreign if _clash(hunk, other)]
        if not clashes:
            own.append(hunk)
            continue
        line = _one_line(base, hunk, clashes) if in_lines else None
        if line is None:
            return None
        foreign[foreign.index(clashes[0])] = replace(hunk, parts=line)
    return _edited(_as_spelled(base, theirs, key), [*own, *foreign])


def _matcher(base: list[str], other: list[str], key: Key) -> difflib.SequenceMatcher[str]:
    return difflib.SequenceMatcher(None, [key(part) for part in base], [key(part) for part in other], autojunk=False)


def _hunks(base: list[str], other: list[str], key: Key) -> list[_Hunk]:
    """What makes `other` of `base`; as many parts for as many are one hunk each."""
    found = []
    for tag, start, end, other_start, other_end in _matcher(base, other, key).get_opcodes():
        if tag == "replace" and end - start == other_end - other_start:
            found += [_Hunk(start + n, start + n + 1, (other[other_start + n],)) for n in range(end - start)]
        elif tag != "equal":
            found.append(_Hunk(start, end, tuple(other[other_start:other_end])))
    return found


def _as_spelled(base: list[str], theirs: list[str], key: Key) -> list[str]:
    """`base` with their spaces between the words that they left."""
    spelled = list(base)
    for start, other_start, size in _matcher(base, theirs, key).get_matching_blocks():
        spelled[start : start + size] = theirs[other_start : other_start + size]
    return spelled


def _has_all_of(theirs: _Hunk, ours: _Hunk) -> bool:
    """Whether they made our hunk themselves, alone or with more around it."""
    size = len(ours.parts)
    places = range(len(theirs.parts) - size + 1) if size else ()
    same_place = (theirs.start, theirs.end) == (ours.start, ours.end)
    inside = any(theirs.parts[place : place + size] == ours.parts for place in places)
    return same_place and (theirs.parts == ours.parts or inside)


def _clash(ours: _Hunk, theirs: _Hunk) -> bool:
    """Whether both say something about the same part. What we take out they may take out too, or put something into."""
    overlap = ours.start < theirs.end and theirs.start < ours.end
    harmless = not ours.parts and (not theirs.parts or theirs.start == theirs.end)
    return overlap and not harmless


def _one_line(base: list[str], ours: _Hunk, clashes: list[_Hunk]) -> tuple[str, ...] | None:
    """Both edits of one line, word by word; None where it is not about one line, or they contradict each other."""
    theirs = clashes[0]
    if len(clashes) > 1 or (theirs.start, theirs.end) != (ours.start, ours.end):
        return None
    lines = (base[ours.start : ours.end], ours.parts, theirs.parts)
    if any(len(parts) != 1 for parts in lines):
        return None
    merged = _merge(*(_WORD.findall(parts[0]) for parts in lines), in_lines=False)
    return None if merged is None else (_joined(merged),)


def _joined(words: list[str]) -> str:
    """A line of words; where two meet that were not neighbours before, a space keeps them apart."""
    line = ""
    for word in words:
        meet = line and word and not (line[-1].isspace() or word[0].isspace() or {line[-1], word[0]} & {'"', "'"})
        line += f" {word}" if meet else word
    return line


def _edited(base: list[str], hunks: list[_Hunk]) -> list[str]:
    gone: set[int] = set()
    added: dict[int, list[str]] = {}
    for hunk in hunks:
        gone.update(range(hunk.start, hunk.end))
        added.setdefault(hunk.start, []).extend(hunk.parts)
    result: list[str] = []
    for place, part in enumerate([*base, ""]):
        result += added.get(place, [])
        result += [] if place in gone else [part]
    return result
