"""The machine's serial line, as a person at its console uses it."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

APPEARS = 30.0
"""Seconds for a machine that was just switched on to offer its serial line."""


class Console:
    """What was read and not yet waited for is kept. `alive` raises where the machine is gone."""

    def __init__(self, path: Path, alive: Callable[[], None]) -> None:
        self._alive = alive
        self._seen = b""
        self._link = self._connected(path)

    def _connected(self, path: Path) -> socket.socket:
        deadline = time.monotonic() + APPEARS
        while True:
            link = socket.socket(socket.AF_UNIX)
            try:
                link.connect(str(path))
                return link
            except (FileNotFoundError, ConnectionRefusedError):
                link.close()
                self._alive()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def close(self) -> None:
        self._link.close()

    def read_until(self, pattern: str, patience: float) -> str:
        """What was printed up to a match of the pattern. Raises TimeoutError."""
        wanted = re.compile(pattern.encode())
        deadline = time.monotonic() + patience
        while not (match := wanted.search(self._seen)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the console never said {pattern!r}; the end was {self._seen[-500:]!r}")
            self._link.settimeout(min(left, 5))
            try:
                more = self._link.recv(65536)
            except TimeoutError:
                self._alive()
                continue
            if not more:
                self._alive()
            self._seen += more
        text, self._seen = self._seen[: match.end()], self._seen[match.end() :]
        return text.decode(errors="replace")

    def type(self, text: str) -> None:
        self._link.settimeout(30)
        self._link.sendall(text.encode())
