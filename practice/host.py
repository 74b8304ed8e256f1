"""The practice host as a whole: a machine, its SSH server and its API, in one background thread."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from practice import answers
from practice.api.certificates import generate
from practice.api.server import ApiServer
from practice.clock import Clock
from practice.control import ControlServer
from practice.faults import parse
from practice.link import Link
from practice.machine import Machine
from practice.pve.service import Pve
from practice.scenario import Scenario, load_scenario
from practice.sshd import SshServer

T = TypeVar("T")


@dataclass(frozen=True)
class Access:
    """How to reach a running practice host; everything is on 127.0.0.1."""

    host: str
    ssh_port: int
    api_port: int
    user: str
    password: str
    host_key: str
    """SHA256:..."""
    ca: Path
    """PEM of the host's own CA (/etc/pve/pve-root-ca.pem), as a local file."""
    control: str
    """URL of the control socket (practice/control.py), and its token."""
    control_token: str
    answers: Path
    """answers.toml for this scenario, beside a generated practice ROM and tiny ISOs."""


class PracticeHost:
    """`with PracticeHost("n100-pve82") as access: ...`, or with a `Scenario`. `speed` 10: a tenth of every wait.

    `faults`: as in the scenario's table of that name, in its place; `link`: the network before SSH among them.
    """

    def __init__(
        self,
        scenario: str | Scenario,
        *,
        speed: float = 1.0,
        ssh_port: int = 0,
        api_port: int = 0,
        link: Link | None = None,
        faults: dict[str, Any] | None = None,
    ) -> None:
        self._scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self._ports = ssh_port, api_port
        self._clock = Clock(speed)
        self._faults = parse(self._scenario.get("faults", {}) if faults is None else faults)
        link = self._faults.link if link is None else link
        self._faults = replace(self._faults, round_trip_ms=link.round_trip * 1000, kib_per_second=link.rate / 1024)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"practice host {self._scenario.name}", daemon=True)
        self._folder: Path | None = None
        self._servers: tuple[SshServer, ApiServer, ControlServer] | None = None
        self.machine = Machine(self._scenario, self._clock)

    def start(self) -> Access:
        """Serve; blocks until everything is ready. Raises `ScenarioError` where the machine cannot be so."""
        self._thread.start()
        try:
            return self.call(self._start())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything that was started; nothing is left behind."""
        if self._thread.is_alive():
            self.call(self._stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        self._loop.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the practice host's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def __enter__(self) -> Access:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _start(self) -> Access:
        machine = self.machine
        machine.pve = Pve(machine)
        await machine.install()
        certificates = generate(machine.node)
        machine.fs.put("/etc/pve/pve-root-ca.pem", certificates.ca, 0o640)
        machine.fs.put(f"/etc/pve/nodes/{machine.node}/pve-ssl.pem", certificates.certificate, 0o640)
        ssh, api = SshServer(machine, self._ports[0]), ApiServer(machine, certificates, self._ports[1])
        ssh_port, api_port = await ssh.start(), await api.start()
        machine.listeners = [ssh, api]
        control = ControlServer(machine)
        control_port = await control.start()
        self._servers = ssh, api, control
        await machine.faults.apply(self._faults)
        self._folder = Path(tempfile.mkdtemp(prefix="pve-igpu-practice-"))
        ca = self._folder / "ca.pem"
        ca.write_bytes(certificates.ca)
        return Access(
            host="127.0.0.1",
            ssh_port=ssh_port,
            api_port=api_port,
            user="root",
            password=machine.users["root"],
            host_key=ssh.fingerprint,
            ca=ca,
            control=f"http://127.0.0.1:{control_port}/",
            control_token=control.token,
            answers=answers.write(self._scenario, self._folder),
        )

    async def _stop(self) -> None:
        for server in self._servers or ():
            await server.stop()
        self.machine.close()
        pending = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
