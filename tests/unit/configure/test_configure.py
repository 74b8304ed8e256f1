"""Step 4.3 and "check again" by data: a VM as it is, what would be written, and whether it fits.

A case is `base.json` with changes (see `tests/unit/rules`) and `vm`, the lines of the guide's VM 101.
`keys`: [key, after], an empty `after` for a key that goes; `recheck`: what "check again" says.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guide.change import Change
from guide.changes.vm_config import ConfigureVm
from guide.chapters.passthrough import Configure, Devices
from guide.choices import Choices
from guide.facts.vms import parse_vm
from guide.recheck import Fit, recheck
from guide.rules import judge
from guide.step import View, VmState
from guide.text import LANGUAGES, Catalogue
from tests.unit.rules.plain_host import facts_of

CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("cases/*")}
ROMS = "\n".join(f"61440 {'0' * 64}  /usr/share/kvm/{name}" for name in ("gop.rom", "n100.rom"))


def view_of(case: dict[str, Any]) -> View:
    sections = {"roms": ROMS, **case.get("sections", {})}
    facts = facts_of({**case, "sections": sections, "vms": {"101": case["vm"]}})
    choices = Choices(rom_name="n100.rom", pass_audio=case.get("pass_audio", True))
    vm = VmState(101, case.get("status", "stopped"), dict(parse_vm(101, case["vm"], None).options))
    return View(facts, judge(facts, choices), choices, vm, {"done.configure": True})


def written(changes: tuple[Change, ...]) -> list[list[str]]:
    configured = (change for change in changes if isinstance(change, ConfigureVm))
    return [[key, after or ""] for change in configured for key, after in change.wanted]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_written(case: dict[str, Any]) -> None:
    view = view_of(case)
    assert [blocker.key for blocker in Configure().blockers(view)] == case.get("blockers", [])
    assert written(Configure().changes(view)) == case["keys"]


@pytest.mark.parametrize(
    "case", [case for case in CASES.values() if "recheck" in case], ids=lambda case: case["recheck"]
)
def test_what_check_again_says(case: dict[str, Any]) -> None:
    found = recheck(view_of(case))
    assert found.fit is Fit(case["recheck"])
    assert bool(found.findings) is (found.fit is Fit.CHANGES)
    assert written(found.changes) == (case["keys"] if found.fit is Fit.CHANGES else [])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", ["running", "stopped"])
def test_a_foreign_hostpci0_stops_before_windows_is_shut_down(language: str, status: str) -> None:
    view = view_of({**CASES["hostpci0-is-a-disk"], "status": status})
    (blocker,) = Devices().blockers(view)
    assert Devices().changes(view) == ()
    assert "qm set 101 --hostpci2 0000:01:00.0,pcie=0 --delete hostpci0" in Catalogue.load(language).render(blocker)
