"""IOMMU groups as the usual shell loops, find and ls print them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from guide.bundle.lspci_forms import parse_any
from guide.facts.lspci import ADDRESS, CLASSES, Listed, full_address

_HEAD = re.compile(r"^\s*(?:IOMMU[ _]*)?Group:?\s*#?(\d{1,6})\s*:?\s*(.*)$", re.IGNORECASE)
_PLACE = re.compile(rf"(?<![0-9a-f:])({ADDRESS})\b")
_PATH = re.compile(rf"iommu_groups/(\d{{1,6}})/devices/({ADDRESS})")
_LINK = re.compile(rf"({ADDRESS})/iommu_group -> \S*iommu_groups/(\d{{1,6}})")
_FOLDER = re.compile(r"iommu_groups/(\d{1,6})/devices/?:$")
_COLUMNS = re.compile(rf"^\[([0-9a-f]{{4}}):([0-9a-f]{{4}})\]\s+(?:\[R\]\s+)?({ADDRESS})\s+(.*?)\s{{2,}}(.*)$")
"""`[8086:46d1] [R] 00:02.0  VGA compatible controller   Name`: the loop of the Arch wiki's followers."""


@dataclass
class Grouped:
    """Full address -> group, and what the lines say of the devices."""

    groups: dict[str, int] = field(default_factory=dict)
    devices: dict[str, Listed] = field(default_factory=dict)


def parse_groups(text: str) -> Grouped:
    """Every form at once: a heading or a word before each line, paths, links. Lines that are none are passed over."""
    found, listing = Grouped(), list[str]()
    group: int | None = None
    for line in text.splitlines():
        path, link, folder, head = _PATH.search(line), _LINK.search(line), _FOLDER.search(line), _HEAD.match(line)
        if path:
            found.groups[full_address(path[2])] = int(path[1])
        elif link:
            found.groups[full_address(link[1])] = int(link[2])
        elif folder:
            group = int(folder[1])
        else:
            if head:
                group = int(head[1])
            _device(head[2] if head else line.strip(), group, found, listing)
    found.devices.update(parse_any("\n".join(listing)))
    return found


def _device(rest: str, group: int | None, found: Grouped, listing: list[str]) -> None:
    """One device's line without what stands before it; its details come after it, indented."""
    columns, place = _COLUMNS.match(rest), _PLACE.search(rest)
    if place is None:
        listing.append(f"\t{rest}")
        return
    words = rest.split()
    many = words if all(_PLACE.fullmatch(word) for word in words) else [place[1]]
    if group is not None:
        found.groups.update({full_address(word): group for word in many})
    if columns:
        kind, name = columns[4].strip(), columns[5].strip()
        address = full_address(place[1])
        found.devices[address] = Listed(address, CLASSES.get(kind, ""), columns[1], columns[2], name)
    else:
        listing.append(rest[place.start() :])
