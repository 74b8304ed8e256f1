"""Shell-style `NAME="value"` lines as in /etc/default/grub: found and edited one value at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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


def with_words(value: str, wanted: tuple[str, ...]) -> str:
    """`value` plus the wanted arguments that are missing. `key=other` of the same key is replaced where it stands.

    Only keys that may stand once are replaced: `intel_iommu=off` must not win over `intel_iommu=on` (the last wins),
    and a list such as initcall_blacklist= is extended by a comma (kernel: initcall_blacklist takes a list).
    """
    words = value.split()
    for argument in wanted:
        key, _, new = argument.partition("=")
        if argument in words:
            continue
        same = [number for number, word in enumerate(words) if word.partition("=")[0] == key]
        if same and key == "initcall_blacklist":
            listed = words[same[-1]].partition("=")[2].split(",")
            if new not in listed:
                words[same[-1]] = f"{key}={','.join([*listed, new])}"
        elif same:
            words[same[-1]] = argument
        else:
            words.append(argument)
    return value if words == value.split() else " ".join(words)
