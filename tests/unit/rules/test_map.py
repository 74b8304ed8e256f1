"""The map says in words what the host would lose: its network, its disk, its keyboard."""

from __future__ import annotations

import pytest

from guide.choices import Choices
from guide.iommu_map import as_lines, iommu_map
from guide.text import Catalogue
from tests.unit.rules.plain_host import facts_of

KEYBOARD = """N: Name="A keyboard"
S: Sysfs=/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/0003:046D:C31C.0001/input/input3
B: EV=120013"""

SHARED = {
    "network": ["0000:00:1f.6 0x8086 0x15bb 0x020000 8 e1000e - -"],
    "card": ["0000:00:1f.6 0x8086 0x15bb 0x020000 8 e1000e - -"],
    "system disk": ["0000:00:17.0 0x8086 0x54d3 0x010601 8 ahci - -"],
    "disk": ["0000:00:17.0 0x8086 0x54d3 0x010601 8 ahci - -"],
    "keyboard": ["0000:00:14.0 0x8086 0x54ed 0x0c0330 8 xhci_hcd - -"],
}
SECTIONS = {
    "network": {
        "links": "device eno1 ../../../0000:00:1f.6\nbridge vmbr0\nport vmbr0 eno1",
        "connection": "192.0.2.9 50000 192.0.2.10 22",
        "addresses": "5: vmbr0    inet 192.0.2.10/24 scope global vmbr0",
    },
    "system disk": {
        "root": "/dev/sda3 ext4",
        "blocks": "sda  disk \nsda3 sda part ext4",
        "disks": "sda ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda",
    },
    "keyboard": {"inputs": KEYBOARD},
}
WORDS = {
    "network": ("the host loses its network", "主机会断网"),
    "card": ("the host loses this network card", ""),
    "system disk": ("the host loses its system disk", ""),
    "disk": ("the host loses this disk controller", ""),
    "keyboard": ("the host loses its keyboard", ""),
}


@pytest.mark.parametrize("what", WORDS)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_loss_is_named(what: str, language: str) -> None:
    facts = facts_of({"pci": SHARED[what], "sections": SECTIONS.get(what, {})})
    groups = iommu_map(facts, Choices())
    lost = [member for group in groups for member in group.losses]
    assert [member.device.address for member in lost] == [SHARED[what][0].split()[0]]
    lines = as_lines(groups, Catalogue.load(language))
    marked = [line for line in lines if line.startswith(" ! ")]
    assert len(marked) == 1
    assert WORDS[what][language != "en"] in marked[0]
    quiet = iommu_map(facts, Choices(pass_audio=False))
    assert not [member for group in quiet for member in group.losses]
