"""What a command of the practice host sees: its arguments, environment, streams and the machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from practice.machine import Machine


class Reader(Protocol):
    """Standard input: bytes in the order they come; b"" at the end."""

    async def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes (at least one unless at the end); -1: everything until the end."""


class Writer(Protocol):
    """Standard output or error. `drain` waits until the reader has taken enough."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...


@dataclass
class Context:
    """One running command. `argv[0]` is its name. `cwd` is absolute. `user` is the login name ("root" after sudo)."""

    machine: Machine
    argv: list[str]
    stdin: Reader
    stdout: Writer
    stderr: Writer
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = "/root"
    user: str = "root"

    def out(self, text: str) -> None:
        """Write text to standard output as it is (no line end added)."""
        self.stdout.write(text.encode())

    def err(self, text: str) -> None:
        """Write text to standard error as it is."""
        self.stderr.write(text.encode())


Command = Callable[[Context], Awaitable[int]]
"""A command returns its exit status."""

COMMANDS: dict[str, Command] = {}
"""All commands of the host by name; `command` fills it when a module of practice.commands is imported."""


def command(*names: str) -> Callable[[Command], Command]:
    """Register a coroutine as one or more commands, e.g. `@command("qm")`."""

    def register(function: Command) -> Command:
        for name in names:
            COMMANDS[name] = function
        return function

    return register
