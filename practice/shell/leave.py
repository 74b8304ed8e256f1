"""Leaving a part of a script, and the numbers that go with it."""

from __future__ import annotations

PIPE_CLOSED = 141
KILLED = 143
OWN_PID = "4711"
"""What $$ says."""


class Leave(Exception):
    """exit, return, break and continue travel up as exceptions."""

    def __init__(self, kind: str, value: int = 0) -> None:
        super().__init__(kind)
        self.kind = kind
        self.value = value
