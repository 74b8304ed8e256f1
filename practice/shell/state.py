"""What a shell process has: variables, functions, arguments, options, streams, the current folder."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from practice.shell.context import COMMANDS, Reader, Writer
from practice.shell.expand import BLANK
from practice.shell.leave import OWN_PID
from practice.shell.syntax import Command, ShellError, Unsupported

if TYPE_CHECKING:
    from practice.machine import Machine

PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


REFUSED = frozenset({"BASH_VERSION", "EUID", "HOSTNAME", "PIPESTATUS", "PPID", "RANDOM", "SECONDS", "UID"})
"""Variables that real shells have from the start and this one has not: empty would be a lie."""


@dataclass
class Job:
    """A background job; `status` counts once it has ended."""

    status: int = 0


class State:
    """`name` is $0. `bash`: bash's words and extensions (by default when its name says so)."""

    def __init__(
        self, machine: Machine, name: str, stdin: Reader, stdout: Writer, stderr: Writer, bash: bool | None = None
    ) -> None:
        self.machine = machine
        self.name = name
        self.bash = posixpath.basename(name) in ("bash", "-bash") if bash is None else bash
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.others: dict[int, Writer] = {}
        self.variables: dict[str, str] = {}
        self.exported: set[str] = set()
        self.readonly: set[str] = set()
        self.locals: list[dict[str, str | None]] = []
        self.functions: dict[str, Command] = {}
        self.arguments: list[str] = []
        self.options: set[str] = set()
        self.status = 0
        self.substituted = 0
        self.line = 1
        self.cwd = "/root"
        self.user = "root"
        self.umask = 0o022
        self.trap = ""
        self.loops = 0
        self.background = ""
        self.started: dict[str, Job] = {}
        self.in_condition = 0

    def copy(self) -> Self:
        """A subshell: what it changes stays in it. It has no EXIT trap and no jobs of its own yet."""
        other = type(self)(self.machine, self.name, self.stdin, self.stdout, self.stderr, self.bash)
        other.others = dict(self.others)
        other.variables, other.exported = dict(self.variables), set(self.exported)
        other.readonly, other.locals = set(self.readonly), [dict(frame) for frame in self.locals]
        other.functions, other.arguments = dict(self.functions), list(self.arguments)
        other.options, other.status, other.cwd = set(self.options), self.status, self.cwd
        other.user, other.background, other.umask = self.user, self.background, self.umask
        other.line, other.loops, other.in_condition = self.line, self.loops, self.in_condition
        return other

    def parameter(self, name: str) -> str | list[str] | None:
        """The value of $name; a list for $@ and $*; None where it is unset."""
        if name in ("@", "*"):
            return list(self.arguments)
        if name.isdigit():
            number = int(name)
            if number == 0:
                return self.name
            return self.arguments[number - 1] if number <= len(self.arguments) else None
        special = {
            "IFS": self.variables.get("IFS", BLANK),
            "#": str(len(self.arguments)),
            "?": str(self.status),
            "$": OWN_PID,
            "!": self.background or None,
            "-": "".join(sorted(option for option in self.options if len(option) == 1)),
            "LINENO": str(self.line),
        }
        value = special[name] if name in special else self.variables.get(name)
        if value is None and name in REFUSED:
            raise Unsupported(f"${name}")
        return value

    def assign(self, name: str, value: str) -> None:
        """Set a variable; a readonly one ends the shell."""
        if name in self.readonly:
            raise ShellError(f"{name}: readonly variable" if self.bash else f"{name}: is read only")
        self.variables[name] = value

    def put_back(self, kept: dict[str, str | None]) -> None:
        """Set variables to what they were; None: unset."""
        for name, value in kept.items():
            if value is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    def environment(self) -> dict[str, str]:
        """What programs get."""
        return {name: self.variables[name] for name in self.exported if name in self.variables}

    def complain(self, text: str, place: str = "") -> None:
        """An error message in the shell's own voice."""
        line = f"line {self.line}" if self.bash else str(self.line)
        self.stderr.write(f"{self.name}: {place}{line}: {text}\n".encode())

    def path(self, name: str) -> str:
        """A path as absolute."""
        return posixpath.normpath(posixpath.join(self.cwd, name))

    def find(self, name: str) -> str | None:
        """The name under which a command is registered; None where there is no such program on this host."""
        base = posixpath.basename(name)
        if "/" in name and posixpath.dirname(name) not in PATH:
            return None
        known = base in COMMANDS and base not in self.machine.missing_commands
        return base if known else None

    def location(self, name: str) -> str:
        """Where a program lies; "" where there is none."""
        if self.find(name) is None:
            return ""
        if "/" in name:
            return name
        return next(
            (f"{folder}/{name}" for folder in PATH if self.machine.fs.exists(f"{folder}/{name}")), f"/usr/bin/{name}"
        )
