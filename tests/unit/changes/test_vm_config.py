"""The keys of a VM: several steps set them, tries fail, the person sets some of them too."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.changes.vm_config import ConfigureVm
from guide.errors import UndoConflict
from tests.unit.changes.bench import Bench

OLD_ARGS = "-set device.hostpci0.addr=02.0 -set device.hostpci0.x-igd-gms=0x2 -set device.hostpci0.x-igd-opregion=on"
NEW_ARGS = "-set device.hostpci0.x-igd-lpc=on"
ROM = "0000:00:02.0,legacy-igd=1,romfile=n100.rom"
OTHER_ROM = "0000:00:02.0,legacy-igd=1,romfile=n100-b.rom"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The guide has given VM 100 its lines."""
    made = Bench(tmp_path)
    made.host.api.vms[100] = {"status": "stopped", "config": {"name": "w", "hostpci0": "0000:01:00.0"}}
    configure(made, {"vga": "none", "hostpci0": ROM, "args": OLD_ARGS})
    return made


def config(bench: Bench) -> dict[str, str]:
    found: dict[str, str] = bench.host.api.vms[100]["config"]
    return found


def configure(
    bench: Bench, wanted: dict[str, str | None], purpose: str = "passthrough", step: str = "configure", fails: str = ""
) -> None:
    before = tuple((key, config(bench).get(key)) for key in wanted)
    bench.apply(ConfigureVm(100, before, tuple(wanted.items()), purpose), step, fails)


def test_a_remedy_and_another_rom_in_turns(bench: Bench) -> None:
    """Another QEMU, then another ROM: both are ours, whichever step set them."""
    configure(bench, {"args": NEW_ARGS}, "remedy-vm", "check")
    configure(bench, {"hostpci0": OTHER_ROM})
    configure(bench, {"args": None}, "remedy-vm", "check")
    bench.undo("configure")
    assert config(bench) == {"name": "w", "hostpci0": "0000:01:00.0"}
    assert bench.standing == []


@pytest.mark.parametrize("fails", ["showcmd", "put"])
def test_a_second_try_that_failed(bench: Bench, fails: str) -> None:
    before = dict(config(bench))
    configure(bench, {"hostpci0": OTHER_ROM, "vga": None}, fails=fails)
    assert config(bench) == before
    configure(bench, {"hostpci0": OTHER_ROM, "vga": None}, fails=fails)
    bench.undo()
    assert config(bench) == {"name": "w", "hostpci0": "0000:01:00.0"}


def test_a_second_try_after_one_that_failed(bench: Bench) -> None:
    configure(bench, {"hostpci0": "0000:00:02.0,refused=1"}, fails="showcmd")
    configure(bench, {"hostpci0": OTHER_ROM})
    bench.undo()
    assert config(bench) == {"name": "w", "hostpci0": "0000:01:00.0"}


def test_a_first_try_that_failed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.host.api.vms[100] = {"status": "stopped", "config": {"name": "w"}}
    configure(bench, {"vga": "none"}, fails="put")
    bench.undo()
    assert config(bench) == {"name": "w"}


def test_what_the_person_set_in_between_comes_back(bench: Bench) -> None:
    config(bench)["hostpci0"] = "0000:02:00.0"
    configure(bench, {"hostpci0": OTHER_ROM})
    bench.undo()
    assert config(bench) == {"name": "w", "hostpci0": "0000:02:00.0"}


def test_what_the_person_set_last_is_a_conflict(bench: Bench) -> None:
    configure(bench, {"hostpci0": OTHER_ROM}, fails="put")
    config(bench)["hostpci0"] = "0000:02:00.0"
    before = dict(config(bench))
    with pytest.raises(UndoConflict) as caught:
        bench.undo()
    assert caught.value.detail == f"hostpci0: {OTHER_ROM} -> 0000:02:00.0"
    assert config(bench) == before
