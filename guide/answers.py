"""answers.toml: the choices of a person as a file, read strictly and printed with comments."""

from __future__ import annotations

import tomllib
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from guide.chapters.catalogue import STEPS
from guide.choices import Choices
from guide.errors import AnswersInvalid
from guide.remedies import REMEDIES
from guide.text import Catalogue


def load_answers(path: Path) -> Choices:
    """Read a file of answers. Unknown keys and wrong types are errors (`AnswersInvalid` says which and why).

    Relative paths of files in it (ROM, ISOs to upload) are relative to the file itself.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AnswersInvalid(file=str(path), reason=error.strerror or "unreadable") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AnswersInvalid(file=str(path), reason=str(error)) from error
    try:
        return _anchored(choices_from(table), path.parent)
    except ValueError as error:
        raise AnswersInvalid(file=str(path), reason=str(error)) from error


def choices_from(table: Mapping[str, Any]) -> Choices:
    """Choices from a decoded table. Raises ValueError, naming the key, for what does not belong there."""
    choices: Choices = _build(Choices, table, "")
    return choices


def print_answers(language: str = "en") -> str:
    """A commented answers.toml with the defaults."""
    catalogue = Catalogue.load(language)
    lines = [f"# {line}" for line in catalogue.template("answers.head").splitlines()]
    tables: list[str] = []
    for name, value in _values(Choices()):
        comment = catalogue.template(f"answers.{name.replace('.', '_')}").splitlines()
        if is_dataclass(value):
            tables += ["", *(f"# {line}" for line in comment), f"[{name}]"]
            for inner, default in _values(value):
                tables.append(f"# {catalogue.template(f'answers.{name}_{inner}')}")
                tables.append(f"{inner} = {_toml(default)}")
        else:
            lines += ["", *(f"# {line}" for line in comment), f"{name} = {_toml(value)}"]
    return "\n".join([*lines, *tables]) + "\n"


def _build(target: type[Any], table: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(target)
    known = {field.name for field in fields(target)}
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"unknown key {where}{unknown[0]}")
    values = {key: _convert(hints[key], value, f"{where}{key}") for key, value in table.items()}
    return target(**values)


def _convert(hint: Any, value: Any, where: str) -> Any:
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise ValueError(f"{where} must be a table")
        return _build(hint, value, f"{where}.")  # type: ignore[arg-type]
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ValueError(f"{where} must be one of {', '.join(get_args(hint))}")
        return value
    if get_origin(hint) is frozenset:
        what, known = ("steps", {step.id for step in STEPS}) if where == "skip" else ("findings", set(REMEDIES))
        if not isinstance(value, list) or not all(isinstance(item, str) and item in known for item in value):
            raise ValueError(f"{where} must be a list of {what}: {', '.join(sorted(known))}")
        return frozenset(value)
    if isinstance(hint, types.GenericAlias) or type(value) is not hint:
        raise ValueError(f"{where} must be a {hint.__name__}")
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        raise ValueError(f"{where} must not be negative")
    return value


def _anchored(choices: Choices, folder: Path) -> Choices:
    def anchor(text: str) -> str:
        return str(folder / text) if text and not Path(text).is_absolute() else text

    def source(iso: Any) -> Any:
        return replace(iso, value=anchor(iso.value)) if iso.kind == "upload" else iso

    return replace(
        choices,
        rom=anchor(choices.rom),
        windows_iso=source(choices.windows_iso),
        virtio_iso=source(choices.virtio_iso),
    )


def _values(target: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(target, field.name)) for field in fields(target)]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, frozenset):
        return "[" + ", ".join(_toml(item) for item in sorted(value)) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
