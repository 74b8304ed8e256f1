"""Transcripts as people really paste them: every form of a command's output, and what is put around it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guide.bundle.folder import read_transcripts
from guide.choices import Choices
from guide.facts.model import Facts
from guide.rules import judge
from tests.unit.hosts.test_hosts import OWN, SHARED, described

CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("cases/*")}
HOSTS = sorted(path for place in (OWN, SHARED) if place.is_dir() for path in place.iterdir() if path.is_dir())


def seen(facts: Facts) -> dict[str, Any]:
    """What the cases may name beside what hosts are described by."""
    return {
        **described(facts),
        "rows": [[d.address, d.class_code, d.ids, d.driver or "", d.iommu_group, d.name] for d in facts.pci],
        "cpu": [facts.cpu.model or "", facts.cpu.vendor or "", facts.cpu.threads or 0, facts.cpu.address_sizes or ""],
        "vmx": facts.cpu.has_vmx,
        "holds": sorted(facts.holds),
        "available": list(facts.available),
        "running": list(facts.running_arguments),
        "grub": facts.file_text("/etc/default/grub") or "",
        "vm_names": [vm.name for vm in facts.vms],
        "snapshots": [vm.has_snapshots for vm in facts.vms],
        "findings": [finding.id for finding in judge(facts, Choices())],
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_form(case: dict[str, Any]) -> None:
    found = seen(read_transcripts({name: text.encode() for name, text in case["files"].items()}))
    assert {key: found[key] for key in case["facts"]} == case["facts"]


def coloured(text: str) -> str:
    """As `grep --color` and `ls --color` leave it."""
    return text.replace("Intel", "\x1b[01;31m\x1b[KIntel\x1b[m\x1b[K")


def prompted(prompt: str) -> Callable[[str], bytes]:
    return lambda text: f"{prompt} cat something | grep -i x\n{text.rstrip()}\n{prompt} ".encode()


PACKED: dict[str, Callable[[str], bytes]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "byte order mark": lambda text: text.encode("utf-8-sig"),
    "PowerShell": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "colours": lambda text: coloured(text).encode(),
    "Markdown": lambda text: f"```console\n{text.rstrip()}\n```\n".encode(),
    "indented": lambda text: "".join(f"    {line}\n" for line in text.splitlines()).encode(),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0").encode(),
    "prompt of Debian": prompted("root@pve:~#"),
    "prompt in a folder": prompted("root@pve-01:/etc/default#"),
    "prompt in brackets": prompted("[root@pve ~]#"),
    "prompt of a user": prompted("owner@pve.example.org:~$"),
    "bare dollar": prompted("$"),
}


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("folder", HOSTS, ids=lambda path: path.name)
def test_what_surrounds_a_transcript_changes_nothing(folder: Path, packing: str) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.txt")}
    plain = seen(read_transcripts({name: text.encode() for name, text in texts.items()}))
    packed = seen(read_transcripts({name: PACKED[packing](text) for name, text in texts.items()}))
    assert {**packed, "grub": packed["grub"].strip()} == {**plain, "grub": plain["grub"].strip()}
