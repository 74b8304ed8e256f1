"""Pieces of real text for each target: hypothesis and atheris begin from them instead of from noise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.unit.rom import builder

UNIT = Path(__file__).resolve().parents[1] / "unit"
TRANSCRIPTS = sorted((UNIT / "hosts" / "own").glob("*/*.txt"))
SURVEY = json.loads((UNIT / "rules" / "base.json").read_text(encoding="utf-8"))


def seeds(target: str) -> Iterator[bytes]:
    """Whole inputs that a target takes without complaint."""
    if target == "rom":
        yield builder.rom({"parts": [{"helper": "B"}, {"gop": "21.0.1056", "chips": ["46d0", "46d1", "46d2"]}]})
        yield builder.bios([builder.gop("21.0.1056", [0x46D0, 0x46D1, 0x46D2])], size=0)
    elif target == "survey":
        for name, text in SURVEY["sections"].items():
            yield f"@w begin {name}\n{text.replace(SURVEY['word'], '@w')}\n@w end\n".encode()
    elif target == "transcripts":
        for path in TRANSCRIPTS:
            yield path.name.encode() + b"\n" + path.read_bytes()
    else:
        yield from (text.encode() for text in _texts(target))


def pieces(target: str) -> list[bytes]:
    """Lines and words of the seeds; for ROMs the fields of the formats."""
    if target == "rom":
        return [b"\x55\xaa", b"PCIR", b"\xf1\x0e\0\0", b"MZ", b"PE\0\0", b"_FVH", builder.FFS2, builder.LZMA, b"\x80"]
    found: dict[bytes, None] = {}
    for seed in seeds(target):
        for line in seed.splitlines(keepends=True):
            found.setdefault(line)
            found.update(dict.fromkeys(word for word in line.split() if len(word) < 60))
    return list(found)


def _texts(target: str) -> Iterator[str]:
    sections = SURVEY["sections"]
    files = {
        "grub": "/etc/default/grub",
        "modprobe": "/etc/modprobe.d/pve-blacklist.conf",
    }
    if target == "lspci":
        yield sections["lspci"]
        yield sections["pci"]
    elif target in files:
        yield sections["files"].split(f"{files[target]}\n")[1].split(SURVEY["word"])[0]
        yield 'GRUB_CMDLINE_LINUX_DEFAULT="quiet\\\n iommu=pt"\noptions vfio-pci ids=8086:46d1 disable_vga=1\n'
        yield "GRUB_CMDLINE_LINUX_DEFAULT='quiet initcall_blacklist=a,b'\nsoftdep i915 pre: vfio-pci\n"
    elif target == "cmdline":
        yield sections["cmdline"]
        yield "root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=off initcall_blacklist=x,y quiet\n"
    elif target == "qm":
        yield "hostpci0: 0000:00:02.0,legacy-igd=1,romfile=x.rom\nargs: -set device.hostpci0.x-igd-gms=0x2 -device "
        yield "vfio-pci,host=00:02.0,addr='0x2\"\nvga: none\n[snap]\nargs: -set\n[PENDING]\nhostpci1: mapping=a;b\n"
