"""Undo of everything where somebody else has changed something since, or where it stops half way."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.changes.files import EditFile
from guide.changes.media import UploadFile
from guide.changes.vm_config import ConfigureVm
from guide.changes.vm_create import CreateVm
from guide.changes.vm_power import StartVm
from guide.errors import Cancelled, UndoConflict
from guide.events import ChangeFinished, Event, Failed, LogLine
from guide.state import StepState
from tests.unit.changes.bench import Bench

GRUB, VFIO, ROM = "/etc/default/grub", "/etc/modprobe.d/vfio.conf", "/usr/share/kvm/n100.rom"
BACKUPS = "/var/lib/pve-igpu"
VM = ["vm-create:100", "vm-config:100", "vm-start:100:igpu"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The guide was done: host, ROM, VM."""
    made = Bench(tmp_path)
    made.host.files[GRUB] = "quiet\n"
    local = tmp_path / "n100.rom"
    local.write_text("rom", encoding="utf-8")
    made.apply(EditFile(GRUB, "quiet\n", "quiet ours\n", "kernel-command-line"), "cmdline")
    made.apply(EditFile(VFIO, None, "ours\n", "vfio"), "vfio")
    made.apply(CreateVm(100, (("name", "win10-igpu"),)), "create")
    made.apply(UploadFile(str(local), ROM, "upload-rom"), "rom")
    made.apply(ConfigureVm(100, (("vga", None),), (("vga", "none"),), "passthrough"), "configure")
    made.apply(StartVm(100, "igpu"), "driver")
    return made


def files(bench: Bench) -> dict[str, str]:
    return {path: text for path, text in bench.host.files.items() if not path.startswith(BACKUPS)}


def test_everything_goes(bench: Bench) -> None:
    bench.session().undo()
    assert bench.standing == []
    assert files(bench) == {GRUB: "quiet\n"}
    assert bench.host.api.vms == {}


def test_a_conflict_does_not_hold_back_what_has_nothing_to_do_with_it(bench: Bench) -> None:
    bench.host.files[ROM] = "theirs"
    session = bench.session()
    with pytest.raises(UndoConflict) as caught:
        session.undo()
    assert caught.value.params["what"] == ROM
    assert bench.standing == [f"upload:{ROM}"]
    assert files(bench) == {GRUB: "quiet\n", ROM: "theirs"}
    assert session.states["rom"] is StepState.FAILED
    assert session.states["cmdline"] is StepState.UNDONE
    assert [event.step for event in bench.events if isinstance(event, Failed)] == ["rom"]
    del bench.host.files[ROM]
    session.undo()
    assert bench.standing == []


def test_several_conflicts_are_named_together(bench: Bench) -> None:
    bench.host.files.update({ROM: "theirs", VFIO: "ours, theirs\n"})
    with pytest.raises(UndoConflict) as caught:
        bench.session().undo()
    assert caught.value.params["what"] == f"{ROM}, {VFIO}"
    assert "+ours, theirs" in caught.value.detail
    assert bench.standing == [f"file:{VFIO}:vfio", f"upload:{ROM}"]
    assert [event.step for event in bench.events if isinstance(event, Failed)] == ["rom", "vfio"]


def test_nothing_is_undone_beneath_a_conflict_of_the_same_vm(bench: Bench) -> None:
    """Only down to the ROM: the VM stays, with lines that the person changed - and the ROM that they name."""
    bench.host.api.vms[100]["config"]["vga"] = "std"
    with pytest.raises(UndoConflict):
        bench.session().undo("rom")
    assert ROM in bench.host.files
    assert bench.standing[-2:] == [f"upload:{ROM}", "vm-config:100"]
    left = [event.message for event in bench.events if isinstance(event, LogLine) and event.level == "warning"]
    assert [(text.key, text.params["change"]) for text in left if text] == [("undo.left", f"upload:{ROM}")]


def test_a_remedy_beneath_a_conflict_of_the_same_file_stays(bench: Bench) -> None:
    bench.apply(EditFile(VFIO, "ours\n", "ours less\n", "remedy-modprobe"), "check")
    bench.host.files[VFIO] = "theirs\n"
    with pytest.raises(UndoConflict):
        bench.session().undo()
    assert bench.standing == [f"file:{VFIO}:vfio", f"file:{VFIO}:remedy-modprobe"]
    assert bench.host.files[GRUB] == "quiet\n"


def test_what_lives_in_a_vm_stands_as_long_as_the_vm(bench: Bench) -> None:
    """Somebody else's VM has the number now: ours cannot be destroyed, and what we did to it is not forgotten."""
    bench.host.api.vms[100]["config"]["smbios1"] = "uuid=1"
    with pytest.raises(UndoConflict):
        bench.session().undo()
    assert [change for change in bench.standing if "100" in change] == VM
    assert bench.host.files[GRUB] == "quiet\n"


def test_stopped_before_the_vm_is_destroyed(bench: Bench) -> None:
    session = bench.session()

    def listen(event: Event) -> None:
        if isinstance(event, ChangeFinished):
            session.cancel()

    session._voice.emit = listen
    with pytest.raises(Cancelled):
        session.undo()
    assert [change for change in bench.standing if "100" in change] == VM
    assert bench.host.api.vms[100]["status"] == "running"
