"""Recorded hosts: facts and findings of folders of transcripts.

`cases/NAME.toml` says what must come out of the folder NAME: of the project's own small folders in `own/`, and of the
shared recordings where those are there.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide import igd
from guide.bundle.store import load_bundle, save_bundle
from guide.choices import Choices
from guide.errors import BundleUnreadable
from guide.facts.model import Facts
from guide.iommu_map import as_lines, iommu_map
from guide.rules import judge
from guide.text import Catalogue

HERE = Path(__file__).resolve().parent
OWN = HERE / "own"
SHARED = HERE.parents[3] / "shared" / "data" / "hosts"
CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "cases").glob("*.toml"))}


def folder(name: str) -> Path:
    place = OWN / name if (OWN / name).is_dir() else SHARED / name
    if not place.is_dir():
        pytest.skip(f"the recording {name} is not beside this clone; own/ tests the same rules")
    return place


def described(facts: Facts) -> dict[str, Any]:
    """What the cases may name; unknown is ""."""
    gpu = igd.igpu(facts)
    sound = igd.audio(facts, gpu) if gpu else None
    return {
        "chip": f"{gpu.address} {gpu.class_code} {gpu.ids}" if gpu else "",
        "chip_driver": (gpu.driver or "") if gpu else "",
        "audio": f"{sound.address} {sound.class_code} {sound.ids}" if sound else "",
        "loader": facts.boot.kind.value if facts.boot.kind else "",
        "kernel": facts.versions.kernel or "",
        "pve": facts.versions.pve or "",
        "qemu": facts.versions.qemu or "",
        "devices": len(facts.pci),
        "groups": len({device.iommu_group for device in facts.pci if device.iommu_group is not None}),
        "iommu_width": facts.platform.iommu_width or 0,
        "vms": [vm.vmid for vm in facts.vms],
        "losses": [m.device.address for group in iommu_map(facts, Choices()) for m in group.losses],
    }


@pytest.mark.parametrize("name", CASES)
def test_recorded_host(name: str) -> None:
    case = CASES[name]
    facts = load_bundle(folder(name))
    found = described(facts)
    assert {key: found[key] for key in case["facts"]} == case["facts"]
    assert [finding.id for finding in judge(facts, Choices())] == case["findings"]


@pytest.mark.parametrize("name", CASES)
def test_a_host_survives_being_saved(name: str, tmp_path: Path) -> None:
    facts = load_bundle(folder(name))
    save_bundle(facts, tmp_path / "survey.json")
    again = load_bundle(tmp_path / "survey.json")
    assert described(again) == described(facts)
    assert judge(again, Choices()) == judge(facts, Choices())


def test_every_shared_recording_has_a_case() -> None:
    if not SHARED.is_dir():
        pytest.skip("the recordings are not beside this clone")
    there = {path.name for path in SHARED.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert there <= set(CASES)


def test_the_map_in_words_names_the_loss() -> None:
    groups = iommu_map(load_bundle(OWN / "audio-with-onboard-nic"), Choices())
    lines = as_lines(groups, Catalogue.load("en"))
    assert any(line.startswith(" ! 0000:00:1f.6") and "network card" in line for line in lines)
    assert all(not line.startswith(" !") for line in as_lines(_silent(), Catalogue.load("en")))


def _silent() -> tuple[Any, ...]:
    return iommu_map(load_bundle(OWN / "audio-with-onboard-nic"), Choices(pass_audio=False))


def test_nothing_personal_is_saved(tmp_path: Path) -> None:
    facts = load_bundle(OWN / "personal")
    path = tmp_path / "survey.json"
    save_bundle(facts, path)
    text = path.read_text(encoding="utf-8")
    for word in ("203.0.113.77", "aa:bb:cc", "AA:BB:CC", "S3CRET", "hunter2", "ssh-ed25519", "my notes", "4c4c4544"):
        assert word not in text, word
    assert "net0" not in text
    assert "101.conf:name: win" in text


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"format": "pve-igpu survey 1"}', b"[" * 100000])
def test_what_is_no_survey_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(BundleUnreadable):
        load_bundle(path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleUnreadable):
        load_bundle(tmp_path)
