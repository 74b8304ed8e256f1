"""Resource mappings of the cluster: PCI and USB devices under a name (/etc/pve/mapping/*.cfg)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from practice.pve.errors import died
from practice.pve.schema import properties

if TYPE_CHECKING:
    from practice.machine import Machine


class Mappings:
    """Of one kind; the file is the truth."""

    def __init__(self, machine: Machine, kind: str) -> None:
        self._machine = machine
        self.kind = kind
        self._path = f"/etc/pve/mapping/{kind}.cfg"

    def all(self) -> dict[str, dict[str, Any]]:
        """By name: `map` (list of property strings), `description` and so on."""
        found: dict[str, dict[str, Any]] = {}
        name = ""
        for line in self._machine.fs.text(self._path).splitlines():
            key, _, value = line.strip().partition(" ")
            if line and not line[0].isspace():
                name = line.strip()
                found[name] = {"map": []}
            elif key == "map":
                found[name]["map"].append(value)
            elif key:
                found[name][key] = value
        return found

    @property
    def digest(self) -> str:
        return hashlib.sha1(
            self._machine.fs.read(self._path) if self._machine.fs.exists(self._path) else b""
        ).hexdigest()

    def get(self, name: str) -> dict[str, Any]:
        """Raises 500 for an unknown name."""
        found = self.all()
        if name not in found:
            raise died(f"{self.kind} mapping '{name}' not found")
        return found[name]

    def create(self, name: str, entry: dict[str, Any]) -> None:
        found = self.all()
        if name in found:
            raise died(f"{self.kind} ID '{name}' already defined")
        self._write({**found, name: entry})

    def change(self, name: str, values: dict[str, Any], delete: list[str]) -> None:
        entry = {**self.get(name), **values}
        self._write({**self.all(), name: {key: value for key, value in entry.items() if key not in delete}})

    def remove(self, name: str) -> None:
        """A name that is not there is no error."""
        found = self.all()
        if found.pop(name, None) is not None:
            self._write(found)

    def checks(self, name: str, node: str) -> list[dict[str, str]]:
        """What is wrong with a PCI mapping on this node (recorded: PVE 8.2.4)."""
        entries = [properties(text, "") for text in self.get(name)["map"]]
        mine = [entry for entry in entries if entry.get("node") == node]
        if not mine:
            return [{"severity": "warning", "message": f"No mapping for node {node}."}]
        problem = next((text for text in (_problem(self._machine, name, entry) for entry in mine) if text), "")
        return [{"severity": "error", "message": f"Invalid configuration: {problem}\n"}] if problem else []

    def device(self, name: str) -> str:
        """The address that a PCI mapping stands for on this host. Raises what a start says."""
        if name not in self.all():
            raise died(f"PCI device mapping not found for '{name}'")
        for text in self.all()[name]["map"]:
            entry = properties(text, "")
            if entry.get("node") == self._machine.node:
                problem = _problem(self._machine, name, entry)
                if problem:
                    raise died(f"PCI device mapping invalid (hardware probably changed): {problem}")
                return entry["path"].split(";")[0]
        raise died(f"can't find an entry for node '{self._machine.node}' in PCI device mapping '{name}'")

    def _write(self, entries: dict[str, dict[str, Any]]) -> None:
        blocks = []
        for name, entry in entries.items():
            rows = [f"\t{key} {value}" for key, value in sorted(entry.items()) if key != "map"]
            blocks.append("\n".join([name, *rows, *(f"\tmap {text}" for text in entry.get("map", []))]) + "\n")
        self._machine.fs.put(self._path, "\n".join(blocks), 0o640)


def _problem(machine: Machine, name: str, entry: dict[str, str]) -> str:
    """The first property that is not the device's: id, then its group."""
    for address in entry.get("path", "").split(";"):
        function = next((item for item in machine.pci if item.address == address), None)
        if function is None:
            return f"pci device '{address}' not found"
        if entry.get("id", function.ids) != function.ids:
            return f"'id' does not match for '{name}' ({function.ids} != {entry['id']})"
        group = str(machine.kernel.groups.get(address, -1))
        if entry.get("iommugroup", group) != group:
            return f"'iommugroup' does not match for '{name}' ({group} != {entry['iommugroup']})"
    return ""


def host_of(machine: Machine, options: dict[str, str]) -> str:
    """The host's address of one hostpci value, mapped or raw; "" where it names none."""
    if "mapping" in options:
        return Mappings(machine, "pci").device(options["mapping"])
    host = options.get("host", "")
    return host if host.count(":") == 2 or not host else f"0000:{host}"


def addresses(machine: Machine, config: dict[str, str]) -> list[str]:
    """Addresses of all host devices of a VM; one without a function is every function of its slot."""
    return [address for options in _devices(config) for address in _functions(machine, options)]


def kept(machine: Machine, config: dict[str, str]) -> set[str]:
    """Those that keep the driver that they have: driver=keep (9.1 and later, facts: pve.md 1.1)."""
    keeping = [options for options in _devices(config) if options.get("driver") == "keep"]
    return {address for options in keeping for address in _functions(machine, options)}


def _devices(config: dict[str, str]) -> list[dict[str, str]]:
    return [properties(value, "host") for key, value in sorted(config.items()) if key.startswith("hostpci")]


def _functions(machine: Machine, options: dict[str, str]) -> list[str]:
    names = [host_of(machine, {**options, "host": part}) for part in options.get("host", "").split(";")]
    return [function.address for name in names for function in machine.pci if function.address.startswith(name)]
