"""/etc/default/grub: one assignment is edited, everything else stays byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from guide.facts import assignments
from guide.facts.model import HostFile

NAME = "GRUB_CMDLINE_LINUX_DEFAULT"


def arguments(text: str) -> list[str]:
    """The arguments of the effective GRUB_CMDLINE_LINUX_DEFAULT; empty where it is not set."""
    found = assignments.find(text, NAME)
    return found.words if found else []


def with_arguments(text: str, wanted: tuple[str, ...]) -> str:
    """`text` with the wanted arguments in the effective assignment; the same text where they are there already.

    A text that cannot be edited (`can_edit`) is left alone.
    """
    if not can_edit(text):
        return text
    found = assignments.find(text, NAME)
    if found is None:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f'{text}{gap}{NAME}="{" ".join(wanted)}"\n'
    value = assignments.with_words(found.value, wanted)
    return text if value == found.value else assignments.replace_value(text, found, value)


def can_edit(text: str) -> bool:
    """Not where a quote is never closed - update-grub cannot read that either - or the value is an odd word."""
    found = assignments.find(text, NAME)
    return not assignments.is_broken(text) and (found is None or assignments.is_plain(text, found))


def without_arguments(text: str, is_gone: Callable[[str], bool]) -> str:
    """`text` without these arguments in the effective assignment."""
    found = assignments.find(text, NAME)
    value = assignments.without_words(found.value, is_gone) if found else ""
    if found is None or value == found.value or not can_edit(text):
        return text
    return assignments.replace_value(text, found, value)


def overrides(files: Mapping[str, HostFile]) -> list[str]:
    """grub.d drop-ins that set the value anew without keeping the old one: they win over /etc/default/grub."""
    found = []
    for path, file in sorted(files.items()):
        if path.startswith("/etc/default/grub.d/") and file.text:
            value = assignments.find(file.text, NAME)
            if value is not None and f"${NAME}" not in value.value and f"${{{NAME}}}" not in value.value:
                found.append(path)
    return found
