"""Parsers and editors by data: one file per case in cases/."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide.facts import cmdline, grub, lspci, modprobe, network, vms
from guide.facts.assignments import is_effective
from guide.facts.boot import parse_boot
from guide.facts.frame import files, sections
from guide.facts.survey import parse_survey

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def cases(key: str, *values: str) -> list[Any]:
    return [pytest.param(load(path), id=path.stem) for path in CASES if load(path).get(key) in values]


def edit(case: dict[str, Any], text: str | None) -> str:
    if case["editor"] == "vfio":
        return modprobe.vfio_conf(text, case["ids"], case["drivers"])
    editor = {"grub": grub, "cmdline": cmdline}[case["editor"]]
    return editor.with_arguments(text or "", tuple(case["wanted"]))


@pytest.mark.parametrize("case", cases("editor", "grub", "cmdline", "vfio"))
def test_editors(case: dict[str, Any]) -> None:
    after = edit(case, case.get("before"))
    assert after == case["after"]
    assert edit(case, after) == after, "the second time changes nothing"


@pytest.mark.parametrize("case", cases("parser", "lspci"))
def test_lspci(case: dict[str, Any]) -> None:
    found = lspci.parse_lspci(case["input"])
    rows = [
        [d.address, d.class_code, f"{d.vendor}:{d.device}", d.driver or "", " ".join(d.modules)] for d in found.values()
    ]
    assert rows == case["expected"]


@pytest.mark.parametrize("case", cases("parser", "boot"))
def test_boot_loader(case: dict[str, Any]) -> None:
    kind = parse_boot(case["cmdline"], "", case["managed"], "yes", "").kind
    assert (kind.value if kind else "") == case["expected"]


@pytest.mark.parametrize("case", cases("parser", "vm"))
def test_vm(case: dict[str, Any]) -> None:
    found = vms.parse_vm(100, case["input"], None)
    assert (dict(found.options), found.has_snapshots) == (case["expected"], case["snapshots"])


@pytest.mark.parametrize("case", cases("parser", "network"))
def test_network(case: dict[str, Any]) -> None:
    found = network.parse_network(case["links"], "192.168.10.9 50000 192.168.10.2 22", case["addresses"])
    shown = (list(found.bridges), found.management_interface, list(found.management_devices), found.usual_bridge or "")
    assert shown == (case["bridges"], case["interface"], case["devices"], case["usual"])


def test_a_host_cannot_forge_a_frame() -> None:
    text = "@w begin a\n@other begin b\nx\n\n@w end\n@w begin c\ncut"
    assert sections(text, "@w") == {"a": "@other begin b\nx"}


@pytest.mark.parametrize("content", ["", "one", "one\n", "one\n\n", "\n"])
def test_files_come_through_byte_for_byte(content: str) -> None:
    section = f"@w file /etc/x\n{content}\n@w eof"
    assert files(section, "@w")["/etc/x"].text == content


@given(st.text(), st.text())
def test_no_parser_raises(text: str, other: str) -> None:
    """Garbage is no fact, but never a crash."""
    lspci.parse_devices(text, lspci.parse_lspci(text))
    network.parse_network(text, other, text)
    vms.parse_storages(text, other)
    vms.parse_isos(text, ())
    vms.parse_roms(text, other)
    vms.parse_containers(text)
    grub.with_arguments(text, ("a=b",))
    cmdline.with_arguments(text, ("a=b",))
    modprobe.vfio_conf(text, ["8086:46d1"], ["i915"])
    names = ("pci", "lspci", "files", "modified", "cpu", "cpus", "pvesm", "vms", "running", "iomem", "fb", "kernel")
    parse_survey(dict.fromkeys(names, text), "@w", 0.0)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_grub_edits_are_idempotent_and_keep_the_rest(text: str) -> None:
    wanted = ("intel_iommu=on", "initcall_blacklist=sysfb_init")
    once = grub.with_arguments(text, wanted)
    assert grub.with_arguments(once, wanted) == once
    assert not grub.can_edit(text) or all(is_effective(grub.arguments(once), word) for word in wanted)
