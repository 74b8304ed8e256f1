"""What comes back from a host: plain data, shared by the transport and everything above it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ssh.errors import Cancelled

LineSink = Callable[[str, str], None]
"""Called with (stream, line); stream is "stdout", "stderr" or "task"; line has no line end and is not cleaned yet."""

ProgressSink = Callable[[int, int | None], None]
"""Called with (bytes done, bytes in total or None where unknown)."""


@dataclass(frozen=True)
class CommandResult:
    """How a command ended. `stdout` and `stderr` are bytes decoded as UTF-8 with replacement."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class FileState:
    """A file as read from the host. `data` is None where the file does not exist; `mode` like 0o644."""

    path: str
    data: bytes | None
    mode: int | None = None
    owner: str = ""

    @property
    def exists(self) -> bool:
        return self.data is not None


class CancelToken:
    """Asked between the parts of a long job; thread safe."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` where the person asked to stop."""
        if self._event.is_set():
            raise Cancelled()

    def wait(self, seconds: float) -> None:
        """Pause for `seconds`, or raise `Cancelled` as soon as the person asks to stop."""
        if self._event.wait(seconds):
            raise Cancelled()
