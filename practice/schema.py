"""What a scenario file may say (practice/data/scenario.toml), and the sentence for what it may not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from practice import faults

ADDRESS = re.compile(r"([0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
FREE = ("extends", "faults", "pci")
"""Keys with a check of their own."""

POINTERS = (
    "hardware.primary",
    "hardware.keyboard",
    "hardware.disks",
    "hardware.virtual_functions",
    "hardware.mediated",
    "hardware.reset_methods",
)
"""Keys that name devices of `pci`: by value, or (all but `disks`) by key."""

ROW = (
    ("address", "address"),
    ("kind", "line"),
    ("class", "class"),
    ("ids", "ids"),
    ("name", "line"),
    ("modules", "line"),
    ("IOMMU group", "integer"),
    ("interface", "line"),
    ("revision", "line"),
)
"""The columns of a row of `pci`; the last two may be left out."""


class ScenarioError(Exception):
    """There is no such scenario, or its file is not valid."""


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and "\n" not in value


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_integer(value: Any) -> bool:
    return _is_number(value) and isinstance(value, int)


def _all(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(test(item) for item in value)


KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "a text"),
    "line": (_is_line, "a text of one line"),
    "name": (_matches(r"[\w.-]+"), "the name of a scenario or of a file beside this one, without .toml"),
    "names": (_all(_matches(r"[\w.-]+")), "an array of such names"),
    "integer": (_is_integer, "a whole number, 0 or more"),
    "number": (_is_number, "a number, 0 or more"),
    "switch": (lambda value: isinstance(value, bool), "true or false"),
    "lines": (_all(_is_line), 'an array of texts, like ["a", "b"]'),
    "integers": (_all(_is_integer), "an array of whole numbers, like [100, 101]"),
    "address": (_matches(ADDRESS.pattern), "a PCI address, like 00:02.0"),
    "class": (_matches("[0-9a-f]{4}"), "a PCI class of four hex digits, like 0300"),
    "ids": (_matches("[0-9a-f]{4}:[0-9a-f]{4}"), "vendor:device in hex, like 8086:46d1"),
    "package": (_matches(r"(7|8|9|\d\d)\.\d+\.\d+-\d+\S*"), "a version of pve-qemu-kvm from 7.0 on, like 9.0.2-4"),
}


@cache
def _table() -> dict[str, Any]:
    path = Path(__file__).resolve().parent / "data" / "scenario.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def keys() -> dict[str, Any]:
    """Dotted key -> kind, or list of allowed values."""
    return dict(_table()["keys"])


def needed() -> list[str]:
    """The dotted keys that no machine can do without."""
    return list(_table()["needed"])


def check_file(file: str, table: dict[str, Any]) -> None:
    """One file by itself, which may leave out what another brings. Raises `ScenarioError`."""
    for key, value in table.items():
        if key == "storage":
            _check_storages(file, value)
        elif key == "pci":
            _check_pci(file, value)
        elif key == "faults":
            _check_faults(file, value)
        elif key == "extends":
            _check(file, key, value, "names" if isinstance(value, list) else "name")
        elif key in keys():
            _check(file, key, value, keys()[key])
        else:
            _check_section(file, key, value)


def check_machine(file: str, table: dict[str, Any]) -> None:
    """A file with all that it extends: nothing may be missing. Raises `ScenarioError`."""
    for key in needed():
        section, _, name = key.partition(".")
        if section not in table or (name and name not in table[section]):
            raise ScenarioError(f'{file}: {key} is missing; write it, or take it over: extends = "_pve82"')
    for key in POINTERS:
        _check_pointers(file, table, *key.split("."))
    for number, row in enumerate(table["storage"]):
        for name in _table()["needed_in_storage"]:
            if name not in row:
                raise ScenarioError(f"{file}: storage[{number}].{name} is missing")


def _check_pointers(file: str, table: dict[str, Any], section: str, name: str) -> None:
    """What is said of a device needs the device."""
    value = table.get(section, {}).get(name, {})
    named = [value] if isinstance(value, str) else list(value.values() if name == "disks" else value)
    there = {full_address(row[0]) for row in table["pci"]}
    for address in named:
        if full_address(address) not in there:
            raise ScenarioError(f"{file}: {section}.{name}: no row of pci has the address {address}")


def full_address(address: str) -> str:
    """0000:00:02.0 for 00:02.0."""
    return address if address.count(":") == 2 else f"0000:{address}"


def _check_section(file: str, key: str, value: Any) -> None:
    names = [name.partition(".")[2] for name in keys() if name.startswith(f"{key}.")]
    if not names:
        known = sorted({*FREE, *(name.partition(".")[0] for name in keys())})
        raise ScenarioError(f"{file}: {key}: no such key; there are: {', '.join(known)}")
    if not isinstance(value, dict):
        raise ScenarioError(f"{file}: {key}: {value!r} is not allowed; allowed: a table [{key}]")
    for name, inner in value.items():
        _check_name(file, key, name, f"{key}.{name}")
        _check(file, f"{key}.{name}", inner, keys()[f"{key}.{name}"])


def _check_name(file: str, section: str, name: str, shown: str) -> None:
    if f"{section}.{name}" not in keys():
        names = sorted(key.partition(".")[2] for key in keys() if key.startswith(f"{section}."))
        raise ScenarioError(f"{file}: {shown}: no such key; in {section} there are: {', '.join(names)}")


def _check(file: str, key: str, value: Any, kind: Any) -> None:
    """One value against its kind."""
    if isinstance(kind, list):
        if value not in kind or isinstance(value, bool):
            allowed = ", ".join(map(str, kind))
            raise ScenarioError(f"{file}: {key}: {value!r} is not allowed; allowed: {allowed}")
        return
    shape, of, inside = kind.partition("table of ")
    if of:
        if not isinstance(value, dict):
            raise ScenarioError(f"{file}: {key}: {value!r} is not allowed; allowed: a table [{key}]")
        for name, inner in value.items():
            if shape and not re.fullmatch(r"[1-9]\d{2,8}", name):
                raise ScenarioError(f"{file}: {key}.{name}: allowed are numbers of guests, from 100 on")
            _check(file, f"{key}.{name}", inner, inside)
        return
    fits, words = KINDS[kind]
    if not fits(value):
        raise ScenarioError(f"{file}: {key}: {value!r} is not allowed; allowed: {words}")


def _check_storages(file: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ScenarioError(f"{file}: storage: {value!r} is not allowed; allowed: tables [[storage]]")
    for number, row in enumerate(value):
        for name, inner in row.items():
            shown = f"storage[{number}].{name}"
            _check_name(file, "storage", name, shown)
            _check(file, shown, inner, keys()[f"storage.{name}"])


def _check_pci(file: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(row, list) and 7 <= len(row) <= len(ROW) for row in value):
        columns = ", ".join(name for name, _ in ROW)
        raise ScenarioError(f"{file}: pci: allowed are rows of 7 to 9 values: {columns}")
    seen: set[str] = set()
    for number, row in enumerate(value):
        for (name, kind), inner in zip(ROW, row, strict=False):
            _check(file, f"pci[{number}].{name}", inner, kind)
        if row[0] in seen:
            raise ScenarioError(f"{file}: pci[{number}].address: {row[0]} is there twice")
        seen.add(row[0])


def _check_faults(file: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise ScenarioError(f"{file}: faults: {value!r} is not allowed; allowed: a table [faults]")
    try:
        faults.parse(value)
    except faults.FaultError as error:
        raise ScenarioError(f"{file}: faults: {error}") from None
