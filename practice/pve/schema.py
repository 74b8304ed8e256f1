"""Formats of VM options: what PVE's schema accepts, and how it complains (facts: pve.md 1.1, 3.1, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from practice.pve.errors import invalid

OSTYPES = ("other", "wxp", "w2k", "w2k3", "w2k8", "wvista", "win7", "win8", "win10", "win11", "l24", "l26", "solaris")
UNKNOWN = "property is not defined in schema and the schema does not allow additional properties"
MISSING = "property is missing and it is not optional"


@dataclass(frozen=True)
class Option:
    """One parameter. `kind`: string, integer, boolean, or a named format."""

    kind: str = "string"
    pattern: str = ""
    values: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    required: bool = False


MACHINE = (
    r"(pc|pc(-i440fx)?-\d+(\.\d+)+(\+pve\d+)?(\.pxe)?|q35|pc-q35-\d+(\.\d+)+(\+pve\d+)?(\.pxe)?"
    r"|virt(?:-\d+(\.\d+)+)?(\+pve\d+)?)"
)
HOST_ID = r"(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\.[a-f0-9])?"

OPTIONS: dict[str, Option] = {
    "acpi": Option("boolean"),
    "agent": Option(),
    "args": Option(),
    "audio0": Option(),
    "balloon": Option("integer", least=0),
    "bios": Option(values=("seabios", "ovmf")),
    "boot": Option(),
    "cores": Option("integer", least=1),
    "cpu": Option(),
    "description": Option(),
    "efidisk0": Option(),
    "hotplug": Option(),
    "kvm": Option("boolean"),
    "lock": Option(),
    "localtime": Option("boolean"),
    "machine": Option(pattern=MACHINE),
    "memory": Option("integer", least=16),
    "name": Option(pattern=r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"),
    "numa": Option("boolean"),
    "onboot": Option("boolean"),
    "ostype": Option(values=OSTYPES),
    "protection": Option("boolean"),
    "scsihw": Option(values=("lsi", "lsi53c810", "virtio-scsi-pci", "virtio-scsi-single", "megasas", "pvscsi")),
    "smbios1": Option(),
    "sockets": Option("integer", least=1),
    "startup": Option(),
    "tablet": Option("boolean"),
    "tags": Option(),
    "tpmstate0": Option(),
    "vga": Option("vga"),
    "vmgenid": Option(),
    "meta": Option(),
    **{f"hostpci{number}": Option("hostpci") for number in range(16)},
    **{
        f"{bus}{number}": Option()
        for bus, count in (("ide", 4), ("sata", 6), ("scsi", 31), ("virtio", 16))
        for number in range(count)
    },
    **{f"{kind}{number}": Option() for kind in ("net", "usb", "serial", "unused") for number in range(4)},
}

_HOSTPCI = {
    "host": rf"{HOST_ID}(;{HOST_ID})*",
    "mapping": r"\S+",
    "device-id": r"0x[0-9a-fA-F]{4}",
    "vendor-id": r"0x[0-9a-fA-F]{4}",
    "sub-device-id": r"0x[0-9a-fA-F]{4}",
    "sub-vendor-id": r"0x[0-9a-fA-F]{4}",
    "mdev": r"[^/\.:]+",
    "romfile": r"[^,;]+",
}
_HOSTPCI_FLAGS = ("legacy-igd", "pcie", "rombar", "x-vga")
_VGA_TYPES = (
    "cirrus",
    "qxl",
    "qxl2",
    "qxl3",
    "qxl4",
    "none",
    "serial0",
    "serial1",
    "serial2",
    "serial3",
    "std",
    "virtio",
    "virtio-gl",
    "vmware",
)


def check(values: Mapping[str, Any], allowed: Mapping[str, Option]) -> None:
    """Raises 400 with one text per bad parameter."""
    errors: dict[str, str] = {}
    for name, value in values.items():
        option = allowed.get(name)
        problem = UNKNOWN if option is None else complaint(name, option, str(value))
        if problem:
            errors[name] = problem
    for name, option in allowed.items():
        if option.required and name not in values:
            errors[name] = MISSING
    if errors:
        raise invalid(**errors)


def complaint(name: str, option: Option, value: str) -> str:
    """PVE's text for a bad value; "" for a good one."""
    if option.kind == "integer":
        return _integer(option, value)
    if option.kind == "boolean":
        good = value.lower() in ("0", "1", "true", "false", "yes", "no", "on", "off")
        return "" if good else f"type check ('boolean') failed - got '{value}'"
    if option.kind == "hostpci":
        return _hostpci(name, value)
    if option.kind == "vga":
        return _vga(value)
    if option.values and value not in option.values:
        return f"value '{value}' does not have a value in the enumeration '{', '.join(option.values)}'"
    if option.pattern and not re.fullmatch(option.pattern, value):
        if name == "name":
            return "invalid format - value does not look like a valid DNS name\n"
        return "value does not match the regex pattern"
    if "\n" in value and name != "description":
        return f"invalid value for {name}"
    return ""


def _integer(option: Option, value: str) -> str:
    if not re.fullmatch(r"-?\d+", value):
        return f"type check ('integer') failed - got '{value}'"
    if option.least is not None and int(value) < option.least:
        return f"value must have a minimum value of {option.least}"
    if option.most is not None and int(value) > option.most:
        return f"value must have a maximum value of {option.most}"
    return ""


def properties(value: str, default: str) -> dict[str, str]:
    """A property string as a dict; the part without a key belongs to `default`."""
    found: dict[str, str] = {}
    for part in value.split(","):
        key, sign, rest = part.partition("=")
        found[key if sign else default] = rest if sign else part
    return found


def _hostpci(name: str, value: str) -> str:
    lines = []
    for key, item in properties(value, "host").items():
        if key in _HOSTPCI_FLAGS:
            if item not in ("0", "1"):
                lines.append(f"{name}.{key}: type check ('boolean') failed - got '{item}'")
        elif key not in _HOSTPCI:
            lines.append(f"{name}.{key}: {UNKNOWN}")
        elif not re.fullmatch(_HOSTPCI[key], item):
            lines.append(f"{name}.{key}: value does not match the regex pattern")
    return "invalid format - format error\n" + "\n".join(lines) + "\n" if lines else ""


def _vga(value: str) -> str:
    kind = properties(value, "type").get("type", "std")
    if kind in _VGA_TYPES:
        return ""
    listed = ", ".join(_VGA_TYPES)
    return (
        f"invalid format - format error\nvga.type: value '{kind}' does not have a value in the enumeration '{listed}'\n"
    )
