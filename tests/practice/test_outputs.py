"""What a process prints, on its way to the channel."""

from __future__ import annotations

import asyncio

import pytest

from practice.outputs import ENOUGH, Outputs


class Channel:
    def __init__(self, sent: list[tuple[str, bytes]], name: str) -> None:
        self._sent = sent
        self._name = name
        self.gone = False

    def write(self, data: bytes) -> None:
        if self.gone:
            raise OSError("Channel not open for sending")
        self._sent.append((self._name, data))

    async def drain(self) -> None:
        return


class Both:
    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.out, self.err = Channel(self.sent, "out"), Channel(self.sent, "err")
        self.made = Outputs(self.out, self.err)

    async def something_sent(self) -> None:
        while not self.sent:
            await asyncio.sleep(0)


def test_small_writes_travel_together_and_in_their_order() -> None:
    async def work() -> None:
        both = Both()
        both.made.stdout.write(b"a")
        both.made.stdout.write(b"b")
        both.made.stderr.write(b"c")
        both.made.stdout.write(b"d")
        assert both.sent == []
        both.made.flush()
        assert both.sent == [("out", b"ab"), ("err", b"c"), ("out", b"d")]

    asyncio.run(work())


def test_nobody_waits_for_more_than_a_moment() -> None:
    async def work() -> None:
        both = Both()
        both.made.stdout.write(b"a prompt")
        await asyncio.wait_for(both.something_sent(), 5)
        assert both.sent == [("out", b"a prompt")]

    asyncio.run(work())


def test_much_is_sent_at_once() -> None:
    async def work() -> None:
        both = Both()
        both.made.stdout.write(bytes(ENOUGH))
        assert both.sent == [("out", bytes(ENOUGH))]

    asyncio.run(work())


def test_a_reader_that_is_gone_is_a_broken_pipe() -> None:
    async def work() -> None:
        both = Both()
        both.out.gone = True
        both.made.stdout.write(b"lost")
        both.made.flush()
        with pytest.raises(BrokenPipeError):
            both.made.stdout.write(b"more")

    asyncio.run(work())
