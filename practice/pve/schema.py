"""Formats of VM options: what PVE's schema accepts, and how it complains (facts: pve.md 1.1, 3.1, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    longest: int | None = None
    fields: Mapping[str, Option] | None = None
    """Of kind fields: the parts of a property string; the first one needs no key."""
    form: str = ""
    """The name of a format that PVE checks beside the type."""
    since: tuple[int, ...] = ()
    until: tuple[int, ...] = ()
    """Of a field: the releases that have it; `until` is the first without it, () none."""


FORMATS = {
    "pve-configid": (r"(?i)[a-z][a-z0-9_-]+", "invalid configuration ID '{}'"),
    "pve-storage-id": (r"(?i)[a-z][a-z0-9\-_.]*[a-z0-9]", "storage ID '{}' contains illegal characters"),
    "pve-node": (r"(?i)[a-z0-9]([a-z0-9-]*[a-z0-9])?", "value does not look like a valid node name"),
}
"""Named formats: what they match, and PVE's words where they do not."""

MACHINE = (
    r"(pc|pc(-i440fx)?-\d+(\.\d+)+(\+pve\d+)?(\.pxe)?|q35|pc-q35-\d+(\.\d+)+(\+pve\d+)?(\.pxe)?"
    r"|virt(?:-\d+(\.\d+)+)?(\+pve\d+)?)"
)
HOST_ID = r"(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\.[a-f0-9])?"

FLAG = Option("boolean")
ID = Option(pattern=r"0x[0-9a-fA-F]{4}")
HOSTPCI = {
    "host": Option(pattern=rf"{HOST_ID}(;{HOST_ID})*"),
    "device-id": ID,
    "legacy-igd": FLAG,
    "driver": Option(values=("vfio", "keep"), since=(9, 1)),
    "mapping": Option(pattern=r"\S+", since=(8, 0)),
    "mdev": Option(pattern=r"[^/\.:]+"),
    "pcie": FLAG,
    "rombar": FLAG,
    "romfile": Option(pattern=r"[^,;]+"),
    "sub-device-id": ID,
    "sub-vendor-id": ID,
    "vendor-id": ID,
    "x-vga": FLAG,
}
VGA_TYPES = "cirrus qxl qxl2 qxl3 qxl4 none serial0 serial1 serial2 serial3 std virtio virtio-gl vmware"
VGA = {
    "type": Option(values=tuple(VGA_TYPES.split())),
    "clipboard": Option(values=("vnc",), since=(8, 1)),
    "memory": Option("integer", least=4, most=512),
}
NET_MODELS = [
    "e1000",
    "e1000-82540em",
    "e1000-82544gc",
    "e1000-82545em",
    "e1000e",
    "i82551",
    "i82557b",
    "i82559er",
    "ne2k_isa",
    "ne2k_pci",
    "pcnet",
    "rtl8139",
    "virtio",
    "vmxnet3",
]
NET = {
    "model": Option(values=tuple(NET_MODELS), required=True),
    "bridge": Option(),
    "firewall": FLAG,
    "link_down": FLAG,
    "macaddr": Option(pattern=r"(?i)[a-f0-9][02468ace](?::[a-f0-9]{2}){5}"),
    "mtu": Option("integer", least=1, most=65520),
    "queues": Option("integer", least=0, most=64),
    "rate": Option(),
    "tag": Option("integer", least=1, most=4094),
    "trunks": Option(),
}
CPU_MODELS = frozenset(
    [
        "486",
        "Broadwell",
        "Broadwell-IBRS",
        "Broadwell-noTSX",
        "Broadwell-noTSX-IBRS",
        "Cascadelake-Server",
        "Conroe",
        "Cooperlake",
        "EPYC",
        "EPYC-Genoa",
        "EPYC-Milan",
        "EPYC-Rome",
        "Haswell",
        "Haswell-IBRS",
        "Haswell-noTSX",
        "Haswell-noTSX-IBRS",
        "Icelake-Client",
        "Icelake-Server",
        "IvyBridge",
        "IvyBridge-IBRS",
        "Nehalem",
        "Nehalem-IBRS",
        "Opteron_G1",
        "Opteron_G2",
        "Opteron_G3",
        "Opteron_G4",
        "Opteron_G5",
        "Penryn",
        "SandyBridge",
        "SandyBridge-IBRS",
        "SapphireRapids",
        "Skylake-Client",
        "Skylake-Client-IBRS",
        "Skylake-Server",
        "Skylake-Server-IBRS",
        "Westmere",
        "Westmere-IBRS",
        "athlon",
        "core2duo",
        "coreduo",
        "host",
        "kvm32",
        "kvm64",
        "max",
        "pentium",
        "pentium2",
        "pentium3",
        "phenom",
        "qemu32",
        "qemu64",
        "x86-64-v2",
        "x86-64-v2-AES",
        "x86-64-v3",
        "x86-64-v4",
    ]
)

AGENT = {
    "enabled": Option("boolean", required=True),
    "freeze-fs": Option("boolean", since=(9, 1)),
    "freeze-fs-on-backup": FLAG,
    "fstrim_cloned_disks": FLAG,
    "guest-fsfreeze": Option("boolean", since=(9, 1)),
    "type": Option(values=("virtio", "isa")),
}
MACHINE_FIELDS = {
    "type": Option(pattern=MACHINE),
    "aw-bits": Option("integer", since=(9, 1)),
    "enable-s3": Option("boolean", since=(8, 4)),
    "enable-s4": Option("boolean", since=(8, 4)),
    "viommu": Option(values=("intel", "virtio"), since=(8, 2)),
}
"""Releases: Proxmox' API schema of 7.4 to 9.1; facts/pve.md 1.1."""

OPTIONS: dict[str, Option] = {
    "acpi": Option("boolean"),
    "agent": Option("fields", fields=AGENT),
    "args": Option(),
    "audio0": Option(),
    "balloon": Option("integer", least=0),
    "bios": Option(values=("seabios", "ovmf")),
    "boot": Option(),
    "cpu": Option("cpu"),
    "cores": Option("integer", least=1),
    "description": Option(),
    "efidisk0": Option(),
    "hotplug": Option(),
    "kvm": Option("boolean"),
    "lock": Option(),
    "localtime": Option("boolean"),
    "machine": Option("fields", fields=MACHINE_FIELDS),
    "memory": Option("fields", fields={"current": Option("integer", least=16, required=True)}),
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
    "vga": Option("fields", fields=VGA),
    "vmgenid": Option(),
    "meta": Option(),
    **{f"hostpci{number}": Option("fields", fields=HOSTPCI) for number in range(16)},
    **{
        f"{bus}{number}": Option()
        for bus, count in (("ide", 4), ("sata", 6), ("scsi", 31), ("virtio", 16))
        for number in range(count)
    },
    **{f"net{number}": Option("net") for number in range(32)},
    **{
        f"{kind}{number}": Option()
        for kind, most in (("usb", 14), ("serial", 4), ("unused", 256))
        for number in range(most)
    },
}


def of_release(option: Option, release: tuple[int, ...]) -> Option:
    """The option with the fields that the release has."""
    if not option.fields:
        return option
    there = {
        name: item
        for name, item in option.fields.items()
        if item.since <= release and (not item.until or release < item.until)
    }
    return replace(option, fields=there)


def check(values: Mapping[str, Any], allowed: Mapping[str, Option]) -> None:
    """Raises 400 with one text per bad parameter."""
    errors: dict[str, str] = {}
    for name, value in values.items():
        option = allowed.get(name)
        if option is None:
            problem = UNKNOWN
        elif isinstance(value, list) and option.kind != "array" and not option.form.endswith("list"):
            # A parameter that was given twice. The number is an address in the real one's memory.
            problem = f"type check ('{option.kind}') failed - got 'ARRAY(0x5581c0de0000)'"
        else:
            problem = complaint(name, option, str(value))
        if problem:
            errors[name] = problem
    for name, option in allowed.items():
        if option.required and name not in values:
            errors[name] = MISSING
    if errors:
        raise invalid(**errors)


def complaint(name: str, option: Option, value: str) -> str:
    """PVE's text for a bad value; "" for a good one."""
    if option.longest is not None and len(value) > option.longest:
        return f"value may only be {option.longest} characters long"
    if option.kind == "integer":
        problem = _integer(option, value)
        if not problem and option.form == "pve-vmid" and not re.fullmatch(r"[1-9]\d{2,8}", value):
            return "invalid format - value does not look like a valid VM ID\n"
        return problem
    if option.kind == "boolean":
        good = value.lower() in ("0", "1", "true", "false", "yes", "no", "on", "off")
        return "" if good else f"type check ('boolean') failed - got '{value}'"
    if option.kind in ("fields", "net"):
        return _fields(name, NET if option.kind == "net" else option.fields or {}, value)
    if option.kind == "cpu":
        model = properties(value, "cputype").get("cputype", "")
        known = model in CPU_MODELS or model.startswith("custom-") or not model
        return (
            ""
            if known
            else (f"invalid format - Built-in cputype '{model}' is not defined (missing 'custom-' prefix?)\n")
        )
    if option.form in FORMATS and not re.fullmatch(FORMATS[option.form][0], value):
        return f"invalid format - {FORMATS[option.form][1].format(value)}\n"
    if option.values and value not in option.values:
        return f"value '{value}' does not have a value in the enumeration '{', '.join(option.values)}'"
    if option.pattern and not re.fullmatch(option.pattern, value):
        if name == "name":
            return "invalid format - value does not look like a valid DNS name\n"
        return "value does not match the regex pattern"
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
        if not part.strip():
            continue
        key, sign, rest = part.partition("=")
        found[key if sign else default] = rest if sign else part
    return found


def _fields(name: str, fields: Mapping[str, Option], value: str) -> str:
    """A property string; in a network card the model may be the key of the MAC: virtio=BC:24:11:..."""
    given = properties(value, next(iter(fields)))
    if fields is NET:
        for model in NET_MODELS:
            if model in given:
                given = {"model": model, "macaddr": given.pop(model), **given}
    lines = []
    for key, item in given.items():
        option = fields.get(key)
        problem = UNKNOWN if option is None else complaint(f"{name}.{key}", option, item)
        if problem:
            lines.append(f"{name}.{key}: {problem}")
    lines += [f"{name}.{key}: {MISSING}" for key, option in fields.items() if option.required and key not in given]
    return "invalid format - format error\n" + "\n".join(lines) + "\n" if lines else ""
