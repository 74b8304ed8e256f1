"""A ready answers.toml for a scenario, with a generated practice ROM and tiny ISOs beside it."""

from __future__ import annotations

from pathlib import Path

from practice.igd import behaviour
from practice.media import build_iso
from practice.rom import build_rom
from practice.scenario import Scenario

WINDOWS, VIRTIO = "Win10_22H2_practice.iso", "virtio-win-0.1.266-practice.iso"

TEMPLATE = """# Answers for the practice host {name}: nothing real is touched.
rom = "{rom}"
reboot = "yes"
display_goes_dark = "yes"
picture = "yes"
sound = "yes"
wait_minutes = 5

[vm]
name = "win10-igpu"
cores = 4
memory = 8192
disk_gib = 64

[windows_iso]
kind = "upload"
value = "{windows}"

[virtio_iso]
kind = "upload"
value = "{virtio}"
"""


def write(scenario: Scenario, folder: Path) -> Path:
    """Write the files into `folder`; the path of answers.toml. Paths in it are relative to it."""
    era = behaviour(scenario.get("pve.qemu"))["rom_era"]
    table = scenario.get("rom")
    rom = build_rom(int(table["device"]), era, str(table["gop"]), [int(number) for number in table["family"]])
    (folder / str(table["name"])).write_bytes(rom)
    (folder / WINDOWS).write_bytes(build_iso("CCCOMA_X64FRE_ZH-CN_DV9"))
    (folder / VIRTIO).write_bytes(build_iso("virtio-win-0.1.266"))
    path = folder / "answers.toml"
    text = TEMPLATE.format(name=scenario.name, rom=table["name"], windows=WINDOWS, virtio=VIRTIO)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
