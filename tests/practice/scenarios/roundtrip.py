"""A survey, the practice machine made of it, and where its survey says something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from gui.cli import main
from gui.cli_target import practice_login
from guide.bundle.machine import ABOUT_GAPS
from guide.choices import Choices
from guide.facts.model import Facts, PciDevice
from guide.facts.survey import take_survey
from guide.rules import judge
from practice.host import PracticeHost
from ssh.connect import connect

UNKNOWN = (None, "", (), {}, frozenset())

NEW_EACH_TIME = {"taken_at", "boot_id", "uptime_seconds", "clock", "word", "sections", "evidence"}
OF_THE_PRACTICE_HOST = {
    "vfio_properties": "the practice host lists only those of the chip",
    "sha256": "the ROMs are zeros",
    "framebuffer": "its words",
    "address_sizes": "the width of virtual addresses",
    "mode": "of the files",
    "management_interface": "of the address that the practice host has",
}


def practice_facts(scenario: str) -> Facts:
    with PracticeHost(scenario, speed=100.0) as access:
        host = connect(*practice_login(scenario, access), on_new_key=lambda question: False, is_practice=True)
        try:
            return take_survey(host)
        finally:
            host.close()


def make_scenario(bundle: Path, folder: Path) -> Path:
    made = folder / "made.toml"
    assert main(["practice", "new", str(bundle), "-o", str(made)]) == 0
    return made


def said(facts: Facts) -> set[str]:
    """Findings, without those about gaps of the survey, and about what QEMU said at a start long ago."""
    sections = {name: text for name, text in facts.sections.items() if name != "starts"}
    return {finding.id for finding in judge(replace(facts, sections=sections), Choices())} - ABOUT_GAPS


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """Where `after` does not say what `before` says; what `before` leaves open may be anything."""
    if place.rpartition(".")[2] in NEW_EACH_TIME | set(OF_THE_PRACTICE_HOST) or before in UNKNOWN:
        return
    if is_dataclass(before):
        for field in fields(before):
            yield from differences(
                getattr(before, field.name), getattr(after, field.name, None), f"{place}.{field.name}"
            )
    elif isinstance(before, tuple) and before and isinstance(before[0], PciDevice):
        there = {device.address: device for device in after}
        for device in before:
            yield from differences(device, there.get(device.address), f"{place}.{device.address}")
    elif isinstance(before, dict) and place == ".files":
        for path in before.keys() - {"/etc/pve/storage.cfg", "/etc/kernel/proxmox-boot-uuids"}:
            yield from differences(before[path], after.get(path), f"{place}.{path}")
    elif isinstance(before, tuple) and len(before) == len(after or ()) and is_dataclass(before[0]):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{place}.{number}")
    elif before != after and not _same_arguments(place, before, after):
        yield f"{place}: {before!r} -> {after!r}"


def _same_arguments(place: str, before: Any, after: Any) -> bool:
    """The default entry of grub.cfg is written anew with the root of the running line."""
    return place == ".next_arguments" and re.sub(r"\s+", " ", " ".join(before)) == " ".join(after or ())
