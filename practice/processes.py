"""Background jobs of the practice host, by process id."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable
from typing import Any


class Processes:
    """Tasks on the loop; they survive the connection that started them, not a reboot."""

    def __init__(self) -> None:
        self._next = 20_000
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By path: what flock holds."""

    def start(self, work: Coroutine[Any, Any, Any]) -> int:
        """Start a background job; its process id."""
        self._next += 1
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._tasks[str(self._next)] = task
        return self._next

    def alive(self, pid: str) -> bool:
        task = self._tasks.get(pid)
        return task is not None and not task.done()

    def end(self, pid: str) -> None:
        task = self._tasks.get(pid)
        if task is not None:
            task.cancel()

    async def wait(self, pids: Iterable[str]) -> None:
        waiting = [self._tasks[pid] for pid in pids if pid in self._tasks]
        if waiting:
            await asyncio.wait(waiting)

    def end_all(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()


async def _quietly(work: Coroutine[Any, Any, Any]) -> None:
    """A background job that leaves by `exit` or whose stream is gone has simply ended."""
    from practice.shell.interpreter import Leave

    try:
        await work
    except (Leave, BrokenPipeError):
        return
