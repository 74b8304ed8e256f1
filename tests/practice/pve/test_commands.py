"""qm, pvesh, pvesm and pveum: one file of steps per case; the texts were recorded on PVE 8.2.4."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest

from practice.clock import Clock
from practice.machine import Machine
from practice.pve.service import Pve
from practice.scenario import Scenario, load_scenario
from practice.sshd import run_on

CASES = Path(__file__).parent / "cases"
ISOS = ("Win10.iso", "virtio-win.iso")


async def played(case: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Run every step on one fresh machine."""
    base = load_scenario(case.get("scenario", "n100-pve82"))
    machine = Machine(Scenario(base.name, {**base.table, **case.get("host", {})}), Clock(200))
    machine.pve = Pve(machine)
    await machine.install()
    for name in ISOS:
        machine.fs.put(f"/var/lib/vz/template/iso/{name}", bytes(65536))
    try:
        return [await run_on(machine, step["run"]) for step in case["step"]]
    finally:
        machine.close()


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    results = asyncio.run(played(case))
    for step, (status, out, err) in zip(case["step"], results, strict=True):
        wanted = (step.get("status", 0), step.get("stdout", ""), step.get("stderr", ""))
        got = (status, out if "stdout" in step else "", err)
        assert got == wanted, step["run"]
