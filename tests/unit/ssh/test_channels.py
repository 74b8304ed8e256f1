"""The channel that is opened ahead: used once, replaced when it died, done without where the host refuses it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from paramiko.ssh_exception import ChannelException

from ssh.channels import NUDGES, Channels


@dataclass
class Channel:
    number: int
    closed: bool = False


@dataclass
class Transport:
    """Counts what is opened; `refused` openings fail; `slow` openings wait for it."""

    refused: frozenset[int] = frozenset()
    slow: threading.Event | None = None
    opened: list[Channel] = field(default_factory=list)
    nudged: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def open_session(self, timeout: float) -> Channel:
        if self.slow is not None:
            assert self.slow.wait(10)
        channel = Channel(len(self.opened))
        self.opened.append(channel)
        if channel.number in self.refused:
            raise ChannelException(1, "Administratively prohibited")
        return channel

    def global_request(self, kind: str, wait: bool) -> None:
        assert not wait
        self.nudged.release()


def channels(transport: Transport) -> Channels:
    fake: Any = transport
    return Channels(fake)


def test_the_next_one_is_open_already() -> None:
    transport = Transport()
    made = channels(transport)
    first = made.take()
    made.prepare()
    made.prepare()
    second = made.take()
    assert [first, second] == transport.opened
    assert made.take() is not second


def test_one_that_died_while_it_waited_is_not_handed_out() -> None:
    transport = Transport()
    made = channels(transport)
    made.prepare()
    waiting = made.take()
    made.prepare()
    assert made._spare is not None
    spare: Any = made._spare.get()
    spare.closed = True
    made._spare.put(spare)
    assert made.take() not in (waiting, spare)


def test_a_host_that_allows_one_session_at_a_time_gets_one() -> None:
    transport = Transport(refused=frozenset({1}))
    made = channels(transport)
    made.take()
    made.prepare()
    assert made.take() is transport.opened[2]


def test_only_the_first_opening_is_nudged() -> None:
    go = threading.Event()
    transport = Transport(slow=go)
    made = channels(transport)
    thread = threading.Thread(target=made.take)
    thread.start()
    for _ in NUDGES:
        assert transport.nudged.acquire(timeout=10)
    go.set()
    thread.join(10)
    made.take()
    assert not transport.nudged.acquire(blocking=False)
