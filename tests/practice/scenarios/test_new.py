"""`pve-igpu practice new`: a survey becomes a machine that says the same of itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from gui.cli import main
from guide.bundle.store import load_bundle, save_bundle
from practice.written import as_text
from tests.practice.scenarios.roundtrip import differences, make_scenario, practice_facts, said
from tests.unit.hosts.test_hosts import CASES, OWN, folder

WITH_A_CHIP_ASSUMED = ("i-10th-9bc8-audio-group7", "i7-8th-gtx1060-groups")
"""Excerpts without the graphics chip, which a machine to practise on cannot lack."""

SURVEYED = (
    "i7-8700-gvt-g",
    "i9-13900h-virtual-functions",
    "n100-bare-storages",
    "n100-cluster-without-quorum",
    "n100-container-uses-the-chip",
    "n100-old-guides",
    "n100-other-vm-has-the-chip",
    "n100-update-grub-forgotten",
    "n5105-zfs-grub-secure-boot",
    "n5105-zfs-systemd-boot",
    "tiger-lake-vmd-smart-sound",
)


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_host_comes_back(name: str, tmp_path: Path) -> None:
    source = folder(name)
    before = load_bundle(source)
    after = practice_facts(str(make_scenario(source, tmp_path)))
    assert list(differences(before, after)) == []
    assert said(after) - said(before) == ({"screen-goes-dark"} if name in WITH_A_CHIP_ASSUMED else set())
    assert said(before) - said(after) == set()


@pytest.mark.parametrize("name", SURVEYED)
def test_a_saved_survey_comes_back(name: str, tmp_path: Path) -> None:
    saved = tmp_path / "survey.json"
    save_bundle(practice_facts(name), saved)
    before = load_bundle(saved)
    after = practice_facts(str(make_scenario(saved, tmp_path)))
    assert list(differences(before, after)) == []
    assert said(after) == said(before)


def test_what_was_assumed_is_said_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = make_scenario(OWN / "audio-on-bus-80", tmp_path)
    printed = capsys.readouterr().out
    assert "assumed: hardware.memory_mib = 16000\n" in printed
    assert "pve.qemu = " not in printed
    assert made.read_text(encoding="utf-8").startswith("# assumed: ")


def test_a_carriage_return_survives() -> None:
    files = {"/etc/default/grub": 'A="quiet"\r\nB=""\n'}
    assert tomllib.loads(as_text({"pci": [], "files": files}, ["a\nb"]))["files"] == files


def test_a_file_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mine.toml"
    target.write_text("mine", encoding="utf-8")
    assert main(["practice", "new", str(OWN / "audio-on-bus-80"), "-o", str(target)]) == 2
    assert "File exists" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "mine"


def test_what_no_machine_can_have_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "odd"
    source.mkdir()
    (source / "lspci-nn.txt").write_text("00:02.0 VGA [0300]: x [8086:46d1]\n", encoding="utf-8")
    (source / "pveversion-v.txt").write_text("pve-qemu-kvm: 9.x-1\npve-manager: 8\n", encoding="utf-8")
    target = tmp_path / "made.toml"
    assert main(["practice", "new", str(source), "-o", str(target)]) == 2
    assert "made.toml: pve.qemu: '9.x-1' is not allowed" in capsys.readouterr().err
    assert not target.exists()


def test_a_scenario_that_cannot_be_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "n100-pve82"\nrunning_vms = [101]\n', encoding="utf-8")
    assert main(["survey", "--practice", str(path)]) == 2
    assert "mine: running_vms: there is no VM 101 in [vms]" in capsys.readouterr().err
    assert main(["survey", "--practice", "n200"]) == 2
    assert "no scenario 'n200'; there are: amd-no-intel-igpu, " in capsys.readouterr().err
