"""Tasks: UPIDs, their logs and how they end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from practice.pve.errors import PveError, invalid

if TYPE_CHECKING:
    from practice.machine import Machine

UPID = re.compile(r"UPID:[\w-]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:\s]+:[^:\s]*:[^:\s]+:")

Work = Callable[["Task"], Awaitable[None]]


@dataclass
class Task:
    """One worker. `exitstatus` "" while it runs."""

    upid: str
    kind: str
    identity: str
    user: str
    pid: int
    pstart: int
    started: float
    ended: float | None = None
    exitstatus: str = ""
    lines: list[str] = field(default_factory=list)
    warnings: int = 0

    def log(self, *lines: str) -> None:
        self.lines += lines

    def warn(self, text: str) -> None:
        """A warning: a task that has some ends as "WARNINGS: n"."""
        self.lines.append(f"WARN: {text}")
        self.warnings += 1

    @property
    def failed(self) -> bool:
        return bool(self.exitstatus) and self.exitstatus != "OK" and not self.exitstatus.startswith("WARNINGS")


class Tasks:
    """All tasks of the node, newest last."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._tasks: dict[str, Task] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._pid = 4700

    def start(self, kind: str, identity: str, user: str, work: Work) -> Task:
        """Begin a worker in the background."""
        task = self._new(kind, identity, user)
        running = asyncio.get_running_loop().create_task(self._run(task, work))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return task

    async def run(self, kind: str, identity: str, user: str, work: Work) -> Task:
        """Run a worker to its end (what the command line tools do)."""
        task = self._new(kind, identity, user)
        await self._run(task, work)
        return task

    def end_all(self) -> None:
        """The host goes down: workers die with it and end as "unexpected status"."""
        for running in list(self._running):
            running.cancel()

    def rows(self) -> list[dict[str, Any]]:
        """Finished ones, newest first."""
        return [self._row(task) for task in reversed(self._tasks.values()) if task.exitstatus]

    def get(self, upid: str) -> Task:
        if not UPID.fullmatch(upid):
            raise invalid(upid="unable to parse worker upid")
        if upid not in self._tasks:
            raise invalid(upid="no such task")
        return self._tasks[upid]

    def status(self, upid: str) -> dict[str, Any]:
        task = self.get(upid)
        row = self._row(task)
        row["status"] = "stopped" if task.exitstatus else "running"
        row.pop("endtime", None)
        if task.exitstatus:
            row["exitstatus"] = task.exitstatus
        return row

    def log(self, upid: str, start: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """(lines with numbers from 1, total). An empty log is one line "no content"."""
        task = self.get(upid)
        lines = list(task.lines)
        if task.exitstatus == "OK":
            lines.append("TASK OK")
        elif task.exitstatus.startswith("WARNINGS"):
            lines.append(f"TASK {task.exitstatus}")
        elif task.exitstatus:
            lines.append(f"TASK ERROR: {task.exitstatus}")
        numbered = [{"n": number, "t": text} for number, text in enumerate(lines, 1)]
        if not numbered:
            return [{"n": 1, "t": "no content"}], 1
        end = None if limit == 0 else start + limit
        return numbered[start:end], len(numbered)

    async def _run(self, task: Task, work: Work) -> None:
        try:
            await self._machine.faults.hang(task.kind)
            await work(task)
            task.exitstatus = f"WARNINGS: {task.warnings}" if task.warnings else "OK"
        except PveError as error:
            task.exitstatus = error.reason
        finally:
            task.exitstatus = task.exitstatus or "unexpected status"
            task.ended = self._machine.clock.now()

    def _new(self, kind: str, identity: str, user: str) -> Task:
        self._pid += 7
        now = self._machine.clock.now()
        pstart = int(self._machine.uptime * 100)
        upid = f"UPID:{self._machine.node}:{self._pid:08X}:{pstart:08X}:{int(now):08X}"
        upid += f":{kind}:{identity}:{user}:"
        task = Task(upid, kind, identity, user, self._pid, pstart, now)
        self._tasks[upid] = task
        return task

    def _row(self, task: Task) -> dict[str, Any]:
        row: dict[str, Any] = {
            "upid": task.upid,
            "node": self._machine.node,
            "pid": task.pid,
            "pstart": task.pstart,
            "starttime": int(task.started),
            "type": task.kind,
            "id": task.identity,
            "user": task.user,
        }
        if task.ended is not None:
            row["endtime"] = int(task.ended)
            row["status"] = task.exitstatus
        return row
