"""What one release answers and another does not: one file per release, with calls in order.

`who`: root (default), token (of root, without privilege separation) or user (with the privileges of `grants`).
"""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest

from practice.api.routes import Call, dispatch
from practice.api.server import CALLS
from practice.clock import Clock
from practice.machine import Machine
from practice.pve.errors import PveError
from practice.pve.service import Pve
from practice.pve.users import ROOT, Caller
from practice.scenario import Scenario, load_scenario

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
assert CALLS


def caller(step: dict[str, Any]) -> Caller:
    who = step.get("who", "root")
    grants = frozenset(step.get("grants", []))
    return {"root": Caller(ROOT), "token": Caller(f"{ROOT}!t"), "user": Caller("u@pve", lambda path: grants)}[who]


async def answered(machine: Machine, step: dict[str, Any]) -> dict[str, Any]:
    method, _, path = step["call"].partition(" ")
    call = Call(machine.pve, caller(step), dict(step.get("values", {})), synchronous=True)
    try:
        data = await dispatch(method, path, call)
    except PveError as error:
        return {"status": error.status, "reason": error.reason, "errors": error.errors or {}}
    keys = sorted(data) if isinstance(data, dict) else []
    return {"status": 200, "reason": "OK", "data": data, "keys": keys, "failed": call.extra.get("failed", "")}


async def played(case: dict[str, Any]) -> list[dict[str, Any]]:
    base = load_scenario("n100-pve82")
    machine = Machine(Scenario(base.name, {**base.table, "pve": {**base.table["pve"], **case["pve"]}}), Clock(2000))
    machine.pve = Pve(machine)
    await machine.install()
    machine.fs.put("/var/lib/vz/template/iso/a.iso", bytes(4096))
    try:
        return [await answered(machine, step) for step in case["step"]]
    finally:
        machine.close()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    for step, found in zip(case["step"], asyncio.run(played(case)), strict=True):
        wanted = {key: step[key] for key in ("reason", "errors", "data", "keys") if key in step}
        got = {key: found.get(key) for key in wanted}
        assert (found["status"], got) == (step.get("status", 200), wanted), (step["call"], found)
