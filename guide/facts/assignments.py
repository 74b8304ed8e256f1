"""Shell-style `NAME="value"` lines as in /etc/default/grub: found and edited one value at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_QUOTED = r"""'[^']*'|"(?:[^"\\]|\\.)*+\""""
_PIECE = rf"""(?:{_QUOTED}|\\.|[^\s;&|'"\\]+)"""


@dataclass(frozen=True)
class Assignment:
    """One assignment in a text: `start` and `end` bound the value with its quotes; `words` is the value split."""

    start: int
    end: int
    value: str

    @property
    def words(self) -> list[str]:
        return self.value.split()


def find(text: str, name: str) -> Assignment | None:
    """The last assignment of `name` that is not a comment - the one that counts. None where there is none.

    A value is one word of the shell: quoted (which may span lines), bare, or pieces of both; it is returned without
    its quotes.
    """
    last: re.Match[str] | None = None
    for token in _tokens(text, name):
        if token["name"]:
            last = token
    if last is None:
        return None
    pieces = (piece[1:-1] if piece[0] in "'\"" else piece for piece in re.findall(_PIECE, last["value"], re.DOTALL))
    return Assignment(last.start("value"), last.end("value"), "".join(pieces).replace("\\\n", " "))


def is_broken(text: str) -> bool:
    """Whether a quote is never closed: a shell that reads such a file fails, and an edit could move the damage."""
    return any(token["open"] for token in _tokens(text, ""))


def is_plain(text: str, found: Assignment) -> bool:
    """Whether the value is one quoted or bare word; of several pieces it is only where none holds a special sign."""
    whole = re.fullmatch(_QUOTED, text[found.start : found.end], re.DOTALL)
    return whole is not None or not re.search(r"""["'\\$`]""", found.value)


def _tokens(text: str, name: str) -> Iterator[re.Match[str]]:
    """Assignments of `name`, comments, quotes and escapes from left to right, so that one hides what is inside it."""
    return re.finditer(
        rf"(?P<name>^[ \t]*(?:export[ \t]+)?{re.escape(name) or '(?!)'}=)(?P<value>(?:{_PIECE})*+(?!['\"]))"
        rf"|(?<!\S)\#[^\n]*|{_QUOTED}|\\.|(?P<open>['\"])",
        text,
        re.MULTILINE | re.DOTALL,
    )


def replace_value(text: str, found: Assignment, value: str) -> str:
    """The text with that one value replaced; quotes stay what they were, all else becomes quoted (see `is_plain`)."""
    raw = text[found.start : found.end]
    quote = raw[0] if re.fullmatch(_QUOTED, raw, re.DOTALL) else '"'
    return f"{text[: found.start]}{quote}{value}{quote}{text[found.end :]}"


def without_words(value: str, is_gone: Callable[[str], bool]) -> str:
    """`value` without the words that `is_gone` names; untouched where there are none."""
    words = value.split()
    kept = [word for word in words if not is_gone(word)]
    return value if kept == words else " ".join(kept)


LISTS = ("initcall_blacklist", "intel_iommu")
"""Keys whose values are a list by commas, and the lists of every occurrence count (kernel: init/main.c
initcall_blacklist, drivers/iommu/intel/iommu.c intel_iommu_setup). Of any other key the last occurrence counts."""

UNDONE_BY = {"intel_iommu=on": "off"}
"""What takes an argument back where it comes later."""

SPOILT_BY = {"intel_iommu=on": "igfx_off"}
"""What spoils an argument wherever it stands: with igfx_off the chip is in no group (kernel-parameters.txt)."""


def is_effective(words: Sequence[str], argument: str) -> bool:
    """Whether a kernel with these arguments does what `argument` says."""
    key, _, value = argument.partition("=")
    same = [word for word in words if word.partition("=")[0] == key]
    if key not in LISTS:
        return same[-1:] == [argument]
    given = [part for word in same for part in _parts(word)]
    return all(_holds(f"{key}={part}", part, given) for part in value.split(","))


def _holds(argument: str, part: str, given: list[str]) -> bool:
    switched = [other for other in given if other in (part, UNDONE_BY.get(argument))]
    return switched[-1:] == [part] and SPOILT_BY.get(argument) not in given


def _parts(word: str) -> list[str]:
    return word.partition("=")[2].split(",")


def with_words(value: str, wanted: tuple[str, ...]) -> str:
    """`value` plus the wanted arguments that are not effective in it, where their key stands: `key=other` of a single
    value is replaced; a list gets one more and loses what is against it."""
    words = value.split()
    for argument in wanted:
        key = argument.partition("=")[0]
        same = [number for number, word in enumerate(words) if word.partition("=")[0] == key]
        if is_effective(words, argument):
            continue
        if same and key in LISTS:
            words = _listed(words, same, argument)
        elif same:
            words[same[-1]] = argument
        else:
            words.append(argument)
    return value if words == value.split() else " ".join(words)


def _listed(words: list[str], same: list[int], argument: str) -> list[str]:
    """The words with the argument in the lists at the places `same`."""
    key, _, new = argument.partition("=")
    against = ("", UNDONE_BY.get(argument), SPOILT_BY.get(argument))
    lists = {number: [part for part in _parts(words[number]) if part not in against] for number in same}
    if not is_effective([f"{key}={','.join(parts)}" for parts in lists.values()], argument):
        lists[same[-1]].append(new)
    written = {number: f"{key}={','.join(parts)}" if parts else "" for number, parts in lists.items()}
    return [word for word in (written.get(number, word) for number, word in enumerate(words)) if word]
