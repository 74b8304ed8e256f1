"""Scenarios: one TOML file per machine (schema: practice/scenarios/README.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "scenarios"


class ScenarioError(Exception):
    """There is no such scenario, or its file is not valid."""


@dataclass(frozen=True)
class PciFunction:
    """One PCI function. `group`: its IOMMU group when the IOMMU is on; `modules`: the drivers that it autoloads."""

    address: str
    kind: str
    class_code: str
    vendor: str
    device: str
    name: str
    modules: tuple[str, ...]
    group: int
    interface: str
    revision: str

    @property
    def ids(self) -> str:
        return f"{self.vendor}:{self.device}"


@dataclass(frozen=True)
class Scenario:
    """The file's tables with `extends` resolved; values are read by dotted names."""

    name: str
    table: dict[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        """`get("kernel.release")`; the default where it is not set."""
        value: Any = self.table
        for part in name.split("."):
            if not isinstance(value, dict) or part not in value:
                return default
            value = value[part]
        return value

    @property
    def title(self) -> str:
        return str(self.get("title", self.name))

    @cached_property
    def pci(self) -> tuple[PciFunction, ...]:
        return tuple(_function(row) for row in self.get("pci", []))


def list_scenarios(language: str = "en") -> list[tuple[str, str]]:
    """(name, title) of all scenarios, sorted; titles in `language` where the file has one."""
    names = sorted(path.stem for path in FOLDER.glob("*.toml") if not path.stem.startswith("_"))
    loaded = (load_scenario(name) for name in names)
    return [(scenario.name, str(scenario.get(f"title_{language}", scenario.title))) for scenario in loaded]


def load_scenario(name: str) -> Scenario:
    """Read a scenario by name. Raises `ScenarioError`."""
    return Scenario(name, _load(name))


def read_scenario(path: Path) -> Scenario:
    """Read a scenario that is not in our folder; it may extend one that is. Raises `ScenarioError`."""
    return Scenario(path.stem, _read(path))


def _load(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.toml"
    if not path.is_file() or path.parent != FOLDER:
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("[!_]*.toml")))
        raise ScenarioError(f"no scenario {name!r}; there are: {known}")
    return _read(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path.name}: {error}") from error
    base = table.pop("extends", None)
    return _merged(_load(base), table) if base else table


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged, everything else (arrays too) is replaced."""
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


def _function(row: list[Any]) -> PciFunction:
    """A row: address, kind, [class:]code, vendor:device, name, modules, group[, interface[, revision]]."""
    address, kind, code, ids, name, modules, group, *rest = row
    vendor, _, device = str(ids).partition(":")
    full = address if str(address).count(":") == 2 else f"0000:{address}"
    interface, revision = ([*rest, "", ""])[:2]
    return PciFunction(
        full, kind, code, vendor, device, name, tuple(str(modules).split()), int(group), interface, revision
    )
