"""How a command's channel is left: nothing may be sent on it after its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ssh.errors import Cancelled
from ssh.exchange import Exchange
from ssh.output import Output
from ssh.result import CancelToken


class Channel:
    """A session channel on which nothing ever arrives. `calls` is what was sent, in order."""

    def __init__(self) -> None:
        self.status_event = threading.Event()
        self.calls: list[str] = []
        self.exchange: Exchange | None = None

    def settimeout(self, seconds: float) -> None:
        self.seconds = seconds

    def recv(self, size: int) -> bytes:
        threading.Event().wait(self.seconds)
        raise TimeoutError

    recv_stderr = recv

    def exec_command(self, line: str) -> None:
        self._until_left()
        self.calls.append("request")

    def send(self, data: bytes) -> int:
        self._until_left()
        self.calls.append("data")
        return len(data)

    def shutdown_write(self) -> None:
        self.calls.append("eof")

    def close(self) -> None:
        self.calls.append("close")

    def _until_left(self) -> None:
        """As late as a thread of a busy computer may come."""
        assert self.exchange is not None
        assert self.exchange._leave.wait(10)


class Quick(Channel):
    """Takes the command at once."""

    def exec_command(self, line: str) -> None:
        self.calls.append("request")


@pytest.mark.parametrize(
    ("channel", "calls"), [(Channel(), ["request", "close"]), (Quick(), ["request", "data", "close"])]
)
def test_the_end_of_a_channel_is_the_last_thing_sent(channel: Channel, calls: list[str]) -> None:
    cancel = CancelToken()

    def blocks() -> Iterator[bytes]:
        yield b"first"
        yield b"second"

    made: Any = channel
    exchange = channel.exchange = Exchange(made, Output("stdout", None), Output("stderr", None))
    cancel.cancel()
    with pytest.raises(Cancelled):
        exchange.follow("line", blocks(), command="name", timeout=20, cancel=cancel)
    exchange.close()
    assert channel.calls == calls
