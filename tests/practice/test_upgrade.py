"""The host is upgraded after the guide: check again says what no longer fits, and the same steps mend it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gui.cli import main
from guide.errors import FindingForbids
from guide.recheck import Fit, Recheck, recheck
from guide.session import Session
from guide.state import StepState
from practice.rom import build_rom
from tests.practice.conftest import Bench

N100 = [0x46D0, 0x46D1, 0x46D2]


def upgrade(bench: Bench, qemu: str) -> None:
    bench.host.machine.scenario.table["pve"]["qemu"] = qemu


def checked(session: Session) -> Recheck:
    return recheck(session.survey())


def test_from_9_0_to_10_1(bench: Bench, tmp_path: Path) -> None:
    session = bench.session()
    bench.walk(session)
    assert checked(session).fit is Fit.FITS

    upgrade(bench, "10.1.2-4")
    found = checked(bench.session(replace(bench.choices, rom="")))
    assert found.fit is Fit.CHANGES
    assert {finding.id for finding in found.findings} == {"vm-outdated", "vm-rom-era"}
    keys = [key for change in found.changes for key in change.preview.keys]
    assert [(key, after) for key, _, after in keys] == [("args", "-set device.hostpci0.x-igd-lpc=on")]

    new = tmp_path / "n100-q10.rom"
    new.write_bytes(build_rom(0x46D1, "B", "21.0.1056", N100))
    again = bench.session(replace(bench.choices, rom=str(new)))
    bench.walk(again)
    assert set(again.states.values()) == {StepState.DONE}
    assert checked(again).fit is Fit.FITS
    assert bench.host.machine.guests[100]._start.picture


def test_the_old_rom_is_refused_even_where_no_file_is_chosen(bench: Bench) -> None:
    bench.walk(bench.session())
    upgrade(bench, "10.1.2-4")
    session = bench.session(replace(bench.choices, rom=""))
    view = session.survey()
    assert [blocker.key for blocker in session.step("rom").blockers(view)] == ["rom.era-a"]
    assert not session.states["rom"].is_settled


def test_to_9_2_nothing_can_be_prepared(bench: Bench) -> None:
    bench.walk(bench.session())
    upgrade(bench, "9.2.0-5")
    session = bench.session()
    found = checked(session)
    assert found.fit is Fit.IMPOSSIBLE
    assert [finding.id for finding in found.findings] == ["qemu-refuses-chip"]
    with pytest.raises(FindingForbids):
        session.run("configure", session.plan("configure").digest)


def test_the_command_says_it_in_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--practice", "n100-pve82"]) == 14
    assert "no VM" in capsys.readouterr().out.replace("No VM", "no VM")
