"""The catalogues: every sentence of facts, findings, checks, changes, steps and errors, in each language.

`resources/text/<language>/*.toml` are nested tables of templates with `{named}` places. A test holds both languages
to the same keys and places, so a missing key at run time is a defect; it is then shown as the key itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from guide.message import Message, message
from guide.resources import path

if TYPE_CHECKING:
    from guide.events import Failed

LANGUAGES = ("en", "zh_CN")


@dataclass(frozen=True)
class ErrorText:
    """An error in words: what happened and why, what it means, what to do. `line` is what and why in one line."""

    what: str
    means: str
    do: str
    reasons: tuple[str, ...] = ()
    line: str = ""


class _Places(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class Catalogue:
    """The sentences of one language."""

    def __init__(self, language: str, templates: Mapping[str, str]) -> None:
        self.language = language
        self._templates = templates

    @staticmethod
    @cache
    def load(language: str) -> Catalogue:
        """Read all files of a language; an unknown language falls back to English."""
        chosen = language if language in LANGUAGES else "en"
        templates: dict[str, str] = {}
        for file in sorted(path("text", chosen).glob("*.toml")):
            _flatten("", tomllib.loads(file.read_text(encoding="utf-8")), templates)
        return Catalogue(chosen, templates)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._templates)

    def template(self, key: str) -> str:
        return self._templates[key]

    def has(self, key: str) -> bool:
        return key in self._templates

    def render(self, message: Message) -> str:
        """The sentence; parameters are put into named places and nowhere else."""
        template = self._templates.get(message.key, message.key)
        return template.format_map(_Places(message.params))

    def error(self, failed: Failed) -> ErrorText:
        """The sentences of an error; `error.internal` stands in for a code without sentences."""
        known = failed.code if self.has(f"error.{failed.code}.what") else "internal"
        keys = (f"error.{known}.{part}" for part in ("what", "means", "do"))
        what, means, do = (self.render(Message(key, dict(failed.params))) for key in keys)
        # Each reason once: two steps back may block for the same one.
        reasons = tuple(dict.fromkeys(self.render(reason) for reason in failed.reasons))
        why = message("failure.because", what=what, reasons=" · ".join(reasons))
        return ErrorText(what, means, do, reasons, self.render(why) if reasons else what)


def _flatten(prefix: str, table: Mapping[str, Any], into: dict[str, str]) -> None:
    for key, value in table.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping):
            _flatten(name, value, into)
        elif name in into:
            raise ValueError(f"text key twice: {name}")
        else:
            into[name] = str(value).strip()
