"""Time on the practice host: the same code runs at life speed for people and fast for tests."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """`speed` 1.0 is life; 20.0 makes every wait 20 times shorter. `offset` seconds: a wrong clock on the host."""

    def __init__(self, speed: float = 1.0, offset: float = 0.0) -> None:
        self.speed = speed
        self.offset = offset
        self._start = time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch, as the host believes."""
        return time.time() + self.offset

    def text(self, when: float) -> str:
        """A time as tools print it: 2026-11-22 08:56:19, in UTC."""
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(when))

    def elapsed(self) -> float:
        """Host seconds since the practice host was made."""
        return (time.monotonic() - self._start) * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait for host seconds."""
        await asyncio.sleep(seconds / self.speed)
