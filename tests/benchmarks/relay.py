"""A slow network before any local port: the practice host's own relay on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from practice.link import Link, Relay


async def _end(relay: Relay) -> None:
    await relay.stop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def relayed(link: Link, target: int) -> Iterator[int]:
    """The port to connect to; `target` itself where the link is not slow."""
    if not link.slow:
        yield target
        return
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    relay = Relay(link, target)
    yield asyncio.run_coroutine_threadsafe(relay.start(), loop).result(10)
    asyncio.run_coroutine_threadsafe(_end(relay), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
