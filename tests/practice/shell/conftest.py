"""A machine that has only what the shell itself needs: files and processes, no programs but its builtins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from practice.clock import Clock
from practice.files import FileSystem
from practice.shell.interpreter import Shell
from practice.shell.streams import Capture, Source


class BareMachine:
    missing_commands: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.fs = FileSystem(Clock())
        self.tasks: dict[str, asyncio.Task[Any]] = {}
        for folder in ("/dev", "/etc", "/root", "/tmp"):
            self.fs.mkdir(folder)

    def start_process(self, work: Coroutine[Any, Any, Any]) -> int:
        pid = 20_000 + len(self.tasks)
        self.tasks[str(pid)] = asyncio.ensure_future(work)
        return pid

    def process_alive(self, pid: str) -> bool:
        return pid in self.tasks and not self.tasks[pid].done()

    def end_process(self, pid: str) -> None:
        self.tasks[pid].cancel()

    async def wait_processes(self, pids: Iterable[str]) -> None:
        if waiting := [self.tasks[pid] for pid in pids]:
            await asyncio.wait(waiting)


@dataclass
class Outcome:
    status: int
    stdout: str
    stderr: str


Run = Callable[..., Outcome]


@pytest.fixture
def bare() -> Iterator[BareMachine]:
    machine = BareMachine()
    yield machine
    machine.fs.close()


@pytest.fixture
def run(bare: BareMachine) -> Run:
    """Run a script as `sh -c` or `bash -c` would."""

    def run(script: str, shell: str = "sh", stdin: bytes = b"") -> Outcome:
        async def inside() -> Outcome:
            out, err = Capture(), Capture()
            machine: Any = bare
            process = Shell(machine, shell, Source(stdin), out, err)
            process.variables = {"HOME": "/root"}
            status = await asyncio.wait_for(process.run_script(script), 20)
            return Outcome(status, out.data.decode("utf-8", "replace"), err.data.decode("utf-8", "replace"))

        return asyncio.run(inside())

    return run
