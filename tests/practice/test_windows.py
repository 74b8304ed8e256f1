"""The Windows of the practice host, from Setup to its end (facts: windows-and-rom.md A.5)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from practice.api import server
from practice.clock import Clock
from practice.machine import Machine
from practice.media import build_iso
from practice.pve.service import Pve
from practice.scenario import load_scenario
from practice.sshd import run_on
from practice.windows import GOODBYE_SECONDS, Guest, GuestError

CALLS = server.CALLS
SILENT = "QEMU guest agent is not running"
INSTALL, SETUP, START = 60, 10, 15
"""Host seconds of the scenario: until the agent answers, until Setup has ended behind it, of a later start."""

CREATE = (
    "qm create 100 --name a --ostype win10 --machine pc-i440fx-8.1 --memory 2048 --agent 1 --sata0 local-lvm:8"
    " --ide2 local:iso/win.iso,media=cdrom --net0 virtio=BC:24:11:00:00:01,bridge=vmbr0"
)
REMOTE = (
    "qm guest exec 100 -- reg add 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server' /v fDenyTSConnections"
    " /t REG_DWORD /d 0 /f; qm guest exec 100 -- netsh advfirewall firewall set rule group=@FirewallAPI.dll,-28752"
    " new enable=Yes"
)
Script = Callable[["Bench"], Awaitable[None]]


class Bench:
    """A VM that was just started with the Windows disc in it; time is ours."""

    def __init__(self) -> None:
        self.now = 0.0
        self.machine = Machine(load_scenario("n100-pve82"), Clock(5000))
        self.machine.clock.elapsed = lambda: self.now  # type: ignore[method-assign]

    async def begin(self, disc: bytes) -> None:
        self.machine.pve = Pve(self.machine)
        await self.machine.install()
        self.machine.fs.put("/var/lib/vz/template/iso/win.iso", disc)
        assert (await self.run(CREATE))[0] == 0
        assert (await self.run("qm start 100"))[0] == 0

    async def run(self, line: str) -> tuple[int, str, str]:
        return await run_on(self.machine, line)

    @property
    def guest(self) -> Guest:
        return self.machine.guests[100]

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def said(self) -> str:
        """What a ping is answered with; "" is good."""
        try:
            self.guest.agent("ping", {})
        except GuestError as error:
            return str(error)
        return ""

    def registry(self, name: str) -> Any:
        encoded = base64.b64encode(f"x = {name}".encode("utf-16-le")).decode()
        pid = self.guest.agent("exec", {"command": ["powershell.exe", "-EncodedCommand", encoded]})["pid"]
        return json.loads(self.guest.agent("exec-status", {"pid": pid})["out-data"])["x"]


def played(script: Script, disc: bytes | None = None) -> None:
    async def run() -> None:
        bench = Bench()
        await bench.begin(build_iso("CCCOMA_X64FRE_ZH-CN_DV9") if disc is None else disc)
        try:
            await script(bench)
        finally:
            bench.machine.close()

    asyncio.run(run())


def test_it_installs_in_stages() -> None:
    """Nothing at first; then the agent answers while Setup still goes on; then Windows is there."""

    async def script(bench: Bench) -> None:
        bench.wait(INSTALL - 1)
        assert bench.said() == SILENT
        assert bench.guest.address == ""
        bench.wait(1)
        assert bench.said() == ""
        assert (bench.registry("SystemSetupInProgress"), bench.registry("OOBEInProgress")) == (1, 1)
        bench.wait(SETUP)
        assert (bench.registry("SystemSetupInProgress"), bench.registry("OOBEInProgress")) == (0, 0)

    played(script)


def test_without_a_disc_that_can_be_read_nothing_ever_answers() -> None:
    async def script(bench: Bench) -> None:
        bench.wait(10 * INSTALL)
        assert bench.said() == SILENT

    played(script, disc=bytes(65536))


def test_a_restart_is_quicker_than_setup_and_applies_nothing() -> None:
    """A restart of Windows keeps the devices of the VM; what waits is applied by a stop and a start."""

    async def script(bench: Bench) -> None:
        bench.wait(INSTALL + SETUP)
        assert bench.said() == ""
        assert (await bench.run("qm set 100 --vga none"))[0] == 0
        assert (await bench.run("qm guest exec 100 -- shutdown.exe /r /t 0"))[0] == 0
        bench.wait(GOODBYE_SECONDS)
        assert bench.said() == SILENT
        bench.wait(START)
        assert bench.said() == ""
        assert (await bench.run("qm pending 100 | grep vga"))[1] == "new vga: none\n"
        assert (await bench.run("qm reboot 100; qm pending 100 | grep vga"))[1] == "cur vga: none\n"

    played(script)


def test_it_goes_off_by_itself_and_by_the_button() -> None:
    async def script(bench: Bench) -> None:
        assert (await bench.run("qm shutdown 100 --timeout 3"))[2] == "VM quit/powerdown failed\n"
        bench.wait(INSTALL + SETUP)
        assert bench.said() == ""
        await bench.run("qm guest exec 100 -- shutdown /s /t 0")
        while bench.machine.guests:
            await asyncio.sleep(0)
        assert (await bench.run("qm status 100"))[1] == "status: stopped\n"
        await bench.run("qm start 100")
        bench.wait(START)
        assert (await bench.run("qm shutdown 100; qm status 100"))[1] == "status: stopped\n"

    played(script)


@pytest.mark.parametrize(("opened", "reachable"), [("", False), (REMOTE, True)])
def test_only_remote_desktop_with_an_open_firewall_can_be_reached(opened: str, reachable: bool) -> None:
    async def script(bench: Bench) -> None:
        bench.wait(INSTALL + SETUP)
        assert bench.said() == ""
        await bench.run(opened)
        assert bench.machine.guest_port_open(bench.guest.address, 3389) is reachable

    played(script)


@pytest.mark.parametrize("words", [[], ["powershell", "-EncodedCommand"], ["reg", "add", "fDenyTSConnections"]])
def test_a_call_that_it_does_not_understand_ends_with_an_error(words: list[str]) -> None:
    async def script(bench: Bench) -> None:
        bench.wait(INSTALL)
        assert bench.said() == ""
        pid = bench.guest.agent("exec", {"command": words})["pid"]
        found = bench.guest.agent("exec-status", {"pid": pid})
        assert found["exitcode"] == 1
        assert found["err-data"].startswith("practice host: not supported in Windows")
        with pytest.raises(GuestError, match=f"PID {pid} does not exist"):
            bench.guest.agent("exec-status", {"pid": pid})

    played(script)
