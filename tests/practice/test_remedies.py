"""Remedies on a practice host: nothing without consent, then mended, journalled, verified - and put back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from guide.errors import FindingForbids, PlanChanged, VerificationFailed
from guide.state import StepState
from practice.rom import build_rom
from practice.shell.context import COMMANDS
from practice.sshd import run_on
from tests.practice.conftest import Bench

FOREIGN = "/etc/modprobe.d/other-tool.conf"
EDIT = f"file:{FOREIGN}:remedy-modprobe"
HARMFUL = "options vfio-pci ids=8086:46d1,8086:54c8 disable_vga=1\n"


def test_without_consent_nothing_is_mended(bench: Bench) -> None:
    bench.fs.put(FOREIGN, HARMFUL)
    before = bench.tree()
    session = bench.session()
    session.survey()
    assert session.plan("check").is_empty
    with pytest.raises(FindingForbids):
        bench.walk(session)
    assert bench.tree() == before


def test_a_chosen_remedy_is_applied_and_undone(bench: Bench) -> None:
    bench.fs.put(FOREIGN, HARMFUL)
    bench.host.call(run_on(bench.host.machine, "update-initramfs -u -k all"))
    before = bench.tree()
    session = bench.session(replace(bench.choices, remedies=frozenset({"disable-vga", "virqfd"})))
    bench.walk(session, until="check")
    assert session.states["check"] is StepState.DONE
    assert bench.fs.text(FOREIGN) == "options vfio-pci ids=8086:46d1,8086:54c8\n"
    assert [(item.step, item.change_id) for item in session.undo_items()] == [("check", EDIT)]
    bench.walk(session, until="cmdline")
    session.undo()
    assert bench.tree() == before


def test_a_remedy_is_chosen_later_too(bench: Bench) -> None:
    """As in the window: the findings first, then a click."""
    bench.fs.put(FOREIGN, HARMFUL)
    session = bench.session()
    session.survey()
    session.set_choices(replace(session.choices, remedies=frozenset({"disable-vga"})))
    assert session.states["check"] is StepState.NEEDS_YOU
    session.run("check", session.plan("check").digest)
    assert session.states["check"] is StepState.DONE


def test_an_approved_remedy_is_refused_when_the_file_changed(bench: Bench) -> None:
    bench.fs.put(FOREIGN, HARMFUL)
    session = bench.session(replace(bench.choices, remedies=frozenset({"disable-vga"})))
    session.survey()
    digest = session.plan("check").digest
    bench.fs.put(FOREIGN, HARMFUL + "options kvm ignore_msrs=1\n")
    with pytest.raises(PlanChanged):
        session.run("check", digest)
    assert "disable_vga=1" in bench.fs.text(FOREIGN)


@pytest.mark.skipif("apt-cache" not in COMMANDS, reason="this practice host has no apt")
@pytest.mark.parametrize("scenario", ["n100-pve84"])
def test_qemu_9_2_goes_back_to_9_1_and_is_held(bench: Bench, tmp_path: Path) -> None:
    rom = tmp_path / "n100-q9.rom"
    rom.write_bytes(build_rom(0x46D1, "A", "21.0.1056", [0x46D0, 0x46D1, 0x46D2]))
    session = bench.session(replace(bench.choices, rom=str(rom), remedies=frozenset({"qemu-refuses-chip"})))
    bench.walk(session)
    view = session.view
    assert view is not None
    assert view.facts.versions.qemu == "9.1.2-3"
    assert "pve-qemu-kvm" in view.facts.holds
    assert bench.host.machine.guests[100]._start.picture
    session.undo()
    after = session.survey().facts
    assert after.versions.qemu == "9.2.0-5"
    assert "pve-qemu-kvm" not in after.holds


@pytest.mark.parametrize("scenario", ["n100-pve84"])
def test_a_remedy_that_is_not_enough_is_said_as_such(bench: Bench) -> None:
    """QEMU still refuses the chip; what was mended stays mended and can be put back."""
    bench.fs.put(FOREIGN, HARMFUL)
    session = bench.session(replace(bench.choices, remedies=frozenset({"disable-vga"})))
    with pytest.raises(VerificationFailed) as caught:
        bench.walk(session)
    assert caught.value.params["checks"] == "finding-qemu-refuses-chip"
    assert [item.change_id for item in session.undo_items()] == [EDIT]
