"""A slow network before a server: every byte waits half a round trip and passes at a limited rate.

Times are real seconds, whatever the speed of the practice host's clock is: they belong to the network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

BLOCK = 1 << 16
WINDOW = 4 << 20
"""Bytes under way in one direction before the sender is held back."""


@dataclass(frozen=True)
class Link:
    """`round_trip` in seconds; `rate` in bytes per second each way, 0 for no limit."""

    round_trip: float = 0.0
    rate: float = 0.0

    @property
    def slow(self) -> bool:
        return self.round_trip > 0 or self.rate > 0


class Relay:
    """Listens on loopback and passes everything to another port of this computer, slowly."""

    def __init__(self, link: Link, target: int, port: int = 0) -> None:
        self._link = link
        self._target = target
        self.port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            inner, outer = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(outer)
            try:
                await asyncio.gather(_pass(self._link, reader, outer), _pass(self._link, inner, writer))
            finally:
                self._writers.discard(outer)
                outer.close()
        except (OSError, asyncio.CancelledError):
            # The host ends; asyncio would report the cancelled connection as an error.
            return
        finally:
            self._writers.discard(writer)
            writer.close()


async def _pass(link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction: what arrives is sent when its time has come, in order."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WINDOW // BLOCK)
    sending = loop.create_task(_send(loop.time, under_way, writer.write, writer.drain))
    free = loop.time()
    try:
        while not sending.done() and (data := await reader.read(BLOCK)):
            free = max(free, loop.time()) + (len(data) / link.rate if link.rate else 0)
            await under_way.put((free + link.round_trip / 2, data))
        await under_way.put((0, b""))
        await sending
        if writer.can_write_eof():
            writer.write_eof()
    except ConnectionError:
        writer.transport.abort()
    finally:
        sending.cancel()


async def _send(
    now: Callable[[], float],
    under_way: asyncio.Queue[tuple[float, bytes]],
    write: Callable[[bytes], None],
    drain: Callable[[], Awaitable[None]],
) -> None:
    while True:
        due, data = await under_way.get()
        if not data:
            return
        await asyncio.sleep(max(0, due - now()))
        write(data)
        await drain()
