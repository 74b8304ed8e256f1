"""A machine boots: one file per case, with what its kernel did with command line, modprobe.d and initramfs.

`write`: files by path; `loader`: run update-grub and update-initramfs (default); `run`: a command, and its output.
"""

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

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))


async def booted(case: dict[str, Any]) -> tuple[Machine, list[tuple[int, str, str]]]:
    base = load_scenario(case.get("scenario", "n100-pve82"))
    changed = {key: {**base.table[key], **value} for key, value in case.get("host", {}).items()}
    machine = Machine(Scenario(base.name, {**base.table, **changed}), Clock(2000))
    machine.pve = Pve(machine)
    await machine.install()
    if "cmdline" in case:
        text = machine.fs.text("/etc/default/grub").replace('"quiet"', f'"{case["cmdline"]}"')
        machine.fs.put("/etc/default/grub", text)
    for path, text in case.get("write", {}).items():
        machine.fs.put(path, text)
    if case.get("loader", True):
        await run_on(machine, "update-grub; update-initramfs -u -k all")
    machine.boot()
    return machine, [await run_on(machine, step["command"]) for step in case.get("run", [])]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    machine, results = asyncio.run(booted(case))
    kernel = machine.kernel
    for address, driver in case.get("drivers", {}).items():
        assert kernel.drivers[f"0000:{address}"] == (driver or None), address
    for address, group in case.get("groups", {}).items():
        assert kernel.groups.get(f"0000:{address}", -1) == group, address
    if "framebuffer" in case:
        assert machine.fs.text("/proc/fb") == (f"0 {case['framebuffer']}\n" if case["framebuffer"] else "")
    assert [line for line in case.get("dmesg", []) if line not in kernel.dmesg] == [], kernel.dmesg
    assert [words for words in case.get("dmesg_lacks", []) if any(words in line for line in kernel.dmesg)] == []
    assert [name for name in case.get("modules", []) if name not in kernel.modules] == [], kernel.modules
    assert [name for name in case.get("modules_lack", []) if name in kernel.modules] == []
    for step, (status, out, err) in zip(case.get("run", []), results, strict=True):
        assert (status, out, err) == (step.get("status", 0), step.get("stdout", ""), step.get("stderr", "")), step
    machine.close()
