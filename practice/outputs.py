"""What a process prints on its channel, in as few packets as real programs need, who write whole buffers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

TOGETHER = 0.002
"""Seconds for which small writes are collected."""

ENOUGH = 1 << 15
"""Bytes that are sent at once."""


class Channel(Protocol):
    def write(self, data: bytes) -> None: ...

    def drain(self) -> Awaitable[None]: ...


class Outputs:
    """Both outputs of one process; what was written to either is sent in the order of writing."""

    def __init__(self, stdout: Channel, stderr: Channel) -> None:
        self.stdout = Output(self._add, stdout)
        self.stderr = Output(self._add, stderr)
        self._waiting: list[tuple[Output, bytearray]] = []
        self._timer: asyncio.TimerHandle | None = None

    def _add(self, output: Output, data: bytes) -> None:
        if self._waiting and self._waiting[-1][0] is output:
            self._waiting[-1][1].extend(data)
        else:
            self._waiting.append((output, bytearray(data)))
        if sum(len(block) for _, block in self._waiting) >= ENOUGH:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TOGETHER, self.flush)

    def flush(self) -> None:
        """Send what waits. A channel that is gone says so at the next write."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        for output, block in waiting:
            output.send(bytes(block))


class Output:
    """One of them, as a `Writer`. Raises BrokenPipeError once its reader is gone."""

    def __init__(self, add: Callable[[Output, bytes], None], channel: Channel) -> None:
        self._add = add
        self._channel = channel
        self._gone = False

    def write(self, data: bytes) -> None:
        if self._gone:
            raise BrokenPipeError
        if data:
            self._add(self, data)

    def send(self, data: bytes) -> None:
        try:
            self._channel.write(data)
        except OSError:
            self._gone = True

    async def drain(self) -> None:
        await self._channel.drain()
