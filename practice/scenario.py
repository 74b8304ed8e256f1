"""Scenarios: one TOML file per machine (schema: practice/scenarios/README.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from practice.schema import ScenarioError, check_file, check_machine, full_address

__all__ = [
    "GROUPS",
    "Listed",
    "PciFunction",
    "Scenario",
    "ScenarioError",
    "list_scenarios",
    "load_scenario",
    "read_scenario",
]

GROUPS = ("release", "hardware", "state")
"""Machines by release of Proxmox VE, by hardware, and by what was done to the host before."""

FOLDER = Path(__file__).resolve().parent / "scenarios"


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
    parent: str = ""
    """The physical function, where this is a virtual one (SR-IOV)."""

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
        """The rows of `pci`, and the virtual functions that are switched on."""
        rows = {function.address: function for function in map(_function, self.get("pci", []))}
        for shown, count in self.get("hardware.virtual_functions", {}).items():
            parent = rows[full_address(shown)]
            for number in range(1, count + 1):
                address = f"{parent.address.rpartition('.')[0]}.{number}"
                free = max(function.group for function in rows.values()) + 1
                made = rows.get(address) or replace(parent, address=address, group=free)
                rows[address] = replace(made, parent=parent.address)
        return tuple(rows[address] for address in sorted(rows))


@dataclass(frozen=True)
class Listed:
    """A scenario as a person chooses it; `group` is one of `GROUPS`."""

    name: str
    title: str
    group: str


def list_scenarios(language: str = "en") -> list[Listed]:
    """All scenarios by group and name; titles in `language` where the file has one."""
    loaded = (load_scenario(name) for name in _names())
    found = [
        Listed(scenario.name, scenario.get(f"title_{language}", scenario.title), scenario.get("group", "hardware"))
        for scenario in loaded
    ]
    return sorted(found, key=lambda listed: (GROUPS.index(listed.group), listed.name))


def load_scenario(name: str) -> Scenario:
    """Read a scenario by its name, or by the path of a file (`x.toml`). Raises `ScenarioError`."""
    if name.endswith(".toml"):
        return read_scenario(Path(name))
    path = FOLDER / f"{name}.toml"
    if name not in _names():
        raise ScenarioError(f"no scenario {name!r}; there are: {', '.join(_names())}, and any file NAME.toml")
    return read_scenario(path)


def read_scenario(path: Path, *, whole: bool = True) -> Scenario:
    """A file with all that it extends, checked; `whole`: nothing may be missing. Raises `ScenarioError`."""
    return scenario_of(path, _read(path), whole=whole)


def scenario_of(path: Path, table: dict[str, Any], *, whole: bool = True) -> Scenario:
    """What a file at `path` with this content is. Raises `ScenarioError`."""
    resolved = _resolved(path, table, ())
    if whole:
        check_machine(path.name, resolved)
    return Scenario(path.stem, resolved)


def _names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("[!_]*.toml"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path.name}: no TOML: {error}") from error
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}") from error


def _resolved(path: Path, table: dict[str, Any], below: tuple[Path, ...]) -> dict[str, Any]:
    """The table over all that it extends. `below`: the files that extend this one."""
    check_file(path.name, table)
    bases = table.get("extends", [])
    found: dict[str, Any] = {}
    for name in [bases] if isinstance(bases, str) else bases:
        base = _base(path, name, below)
        found = _merged(found, _resolved(base, _read(base), (path, *below)))
    return _merged(found, {key: value for key, value in table.items() if key != "extends"})


def _base(path: Path, name: str, below: tuple[Path, ...]) -> Path:
    """The file that `path` extends by this name."""
    other = path.with_name(f"{name}.toml")
    other = other if other.is_file() else FOLDER / other.name
    if other in (path, *below):
        raise ScenarioError(f"{path.name}: extends: {name} extends this file")
    if not other.is_file():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
        raise ScenarioError(f"{path.name}: extends: {name!r} is not there; beside this file, or one of: {known}")
    return other


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged, everything else (arrays too) is replaced."""
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


def _function(row: list[Any]) -> PciFunction:
    """A row: address, kind, class, vendor:device, name, modules, group[, interface[, revision]]."""
    address, kind, code, ids, name, modules, group, *rest = row
    vendor, _, device = str(ids).partition(":")
    interface, revision = ([*rest, "", ""])[:2]
    return PciFunction(
        full_address(address), kind, code, vendor, device, name, tuple(modules.split()), group, interface, revision
    )
