"""Many clients at the same time, each with its own VM: nobody sees what is another's."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from practice.host import PracticeHost
from tests.practice.clients import Seen, clients

COUNT = 50


def test_fifty_clients_all_get_right_answers() -> None:
    async def run() -> list[Seen]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(COUNT))
        return await clients(access, COUNT)

    with PracticeHost("n100-pve82", speed=60) as access:
        seen = asyncio.run(run())
    for number, one in enumerate(seen, 100):
        assert (one.api["name"], one.api["description"], one.api["cores"]) == (f"vm{number}", f"of client {number}", 2)
        assert one.ssh == {key: str(value) for key, value in one.api.items() if key != "digest"}
        assert one.pending == len(one.api)
