"""The machine-readable and the bare forms of lspci: -vmm, -mm and -n. The usual ones are in `guide.facts.lspci`."""

from __future__ import annotations

import re
import shlex

from guide.facts.lspci import ADDRESS, CLASSES, VENDORS, Listed, full_address, parse_lspci

_BARE = re.compile(rf"^({ADDRESS}) (?:Class )?([0-9a-f]{{4}}): ([0-9a-f]{{4}}):([0-9a-f]{{4}})\b")
_QUOTED = re.compile(rf'^({ADDRESS}) (".*)$')
_NUMBER = re.compile(r"^(.*?) ?\[([0-9a-f]{4})\]$|^([0-9a-f]{4})$")


def parse_any(text: str) -> dict[str, Listed]:
    """Full address -> device, whichever form the text has; lines that are none are passed over."""
    found = _records(text)
    for line in text.splitlines():
        bare, quoted = _BARE.match(line), _QUOTED.match(line)
        if bare:
            address = full_address(bare[1])
            found[address] = Listed(address, bare[2], bare[3], bare[4], "")
        elif quoted:
            device = _from_fields(quoted[1], _words(quoted[2]))
            found.update({device.address: device} if device else {})
    return {**parse_lspci(text), **found}


def groups_in(text: str) -> dict[str, int]:
    """Full address -> IOMMU group, from `IOMMU group: 0` (-v) or `IOMMUGroup: 0` (-vmm) below a device."""
    found: dict[str, int] = {}
    current = ""
    for line in text.splitlines():
        head = re.match(rf"^(?:Slot:\s*)?({ADDRESS})\b", line)
        group = re.search(r"\bIOMMU ?[Gg]roup:?\s*(\d{1,6})$", line)
        if head:
            current = full_address(head[1])
        elif group and current:
            found[current] = int(group[1])
    return found


def _records(text: str) -> dict[str, Listed]:
    """-vmm: one `Key: value` per line, records separated by empty lines."""
    found: dict[str, Listed] = {}
    for block in re.split(r"\n\s*\n", text):
        rows = dict(line.partition(":")[::2] for line in block.splitlines() if ":" in line)
        row = {key.strip(): value.strip() for key, value in rows.items()}
        if not re.fullmatch(ADDRESS, row.get("Slot", "")):
            continue
        device = _from_fields(row["Slot"], [row.get("Class", ""), row.get("Vendor", ""), row.get("Device", "")])
        if device:
            modules = tuple(re.findall(r"^Module:\s*(\S+)", block, re.MULTILINE))
            found[device.address] = Listed(
                device.address,
                device.class_code,
                device.vendor,
                device.device,
                device.name,
                row.get("Driver") or None,
                modules,
            )
    return found


def _from_fields(address: str, fields: list[str]) -> Listed | None:
    """Class, vendor and device, each as `words [number]`, as words alone, or as a number alone."""
    if len(fields) < 3:
        return None
    (kind, code), (maker, vendor), (model, device) = (_split(field) for field in fields[:3])
    name = f"{maker} {model}".strip()
    return Listed(full_address(address), code or CLASSES.get(kind, ""), vendor or VENDORS.get(maker, ""), device, name)


def _split(field: str) -> tuple[str, str]:
    match = _NUMBER.match(field)
    return (field, "") if match is None else (match[1] or "", match[2] or match[3])


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []
