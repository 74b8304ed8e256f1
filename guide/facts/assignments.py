"""Shell-style `NAME="value"` lines as in /etc/default/grub: found and edited one value at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass


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

    Values in single or double quotes (which may span lines) or bare words; the value is returned without quotes.
    """
    pattern = re.compile(
        rf"^[ \t]*(?:export[ \t]+)?{re.escape(name)}="
        r"""(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s#;'"]*)""",
        re.MULTILINE | re.DOTALL,
    )
    matches = list(pattern.finditer(text))
    if not matches:
        return None
    last = matches[-1]
    raw = last["value"]
    value = raw[1:-1] if raw[:1] in ("'", '"') else raw
    return Assignment(last.start("value"), last.end("value"), value.replace("\\\n", " "))


def replace_value(text: str, found: Assignment, value: str) -> str:
    """The text with that one value replaced; quotes stay what they were (bare words become quoted)."""
    raw = text[found.start : found.end]
    quote = raw[:1] if raw[:1] in ("'", '"') else '"'
    return f"{text[: found.start]}{quote}{value}{quote}{text[found.end :]}"


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
