"""Running a syntax tree: commands, pipelines, control flow, redirections, background jobs."""

from __future__ import annotations

import asyncio
import posixpath
from contextlib import suppress
from typing import TYPE_CHECKING

from practice.shell import expand
from practice.shell.context import COMMANDS, Context, Reader, Writer
from practice.shell.parser import Parser
from practice.shell.pattern import compiled
from practice.shell.streams import Capture, FileWriter, Null, Pipe, Source
from practice.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    ShellSyntaxError,
    Simple,
    Substitution,
    While,
    Word,
)

if TYPE_CHECKING:
    from practice.machine import Machine

MOST_LOOPS = 100_000
PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class Leave(Exception):
    """exit, return, break and continue travel up as exceptions."""

    def __init__(self, kind: str, value: int = 0) -> None:
        super().__init__(kind)
        self.kind = kind
        self.value = value


class Shell:
    """One shell process: variables, functions, arguments, streams and the current folder."""

    def __init__(self, machine: Machine, name: str, stdin: Reader, stdout: Writer, stderr: Writer) -> None:
        self.machine = machine
        self.name = name
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.variables: dict[str, str] = {}
        self.exported: set[str] = set()
        self.functions: dict[str, Command] = {}
        self.arguments: list[str] = []
        self.options: set[str] = set()
        self.status = 0
        self.cwd = "/root"
        self.user = "root"
        self.background = ""
        self.in_condition = 0

    def copy(self) -> Shell:
        """A subshell: what it changes stays in it."""
        other = Shell(self.machine, self.name, self.stdin, self.stdout, self.stderr)
        other.variables, other.exported = dict(self.variables), set(self.exported)
        other.functions, other.arguments = dict(self.functions), list(self.arguments)
        other.options, other.status, other.cwd = set(self.options), self.status, self.cwd
        other.user, other.background = self.user, self.background
        return other

    def parameter(self, name: str) -> str | list[str] | None:
        """The value of $name; a list for $@; None where it is unset."""
        if name == "@" or name == "*":
            return list(self.arguments)
        if name.isdigit():
            number = int(name)
            if number == 0:
                return self.name
            return self.arguments[number - 1] if number <= len(self.arguments) else None
        special = {"#": str(len(self.arguments)), "?": str(self.status), "$": "4711", "!": self.background, "-": ""}
        return special[name] if name in special else self.variables.get(name)

    def environment(self) -> dict[str, str]:
        return {name: self.variables[name] for name in self.exported if name in self.variables}

    def complain(self, text: str) -> None:
        """An error message in the shell's own voice."""
        prefix = "bash: line 1: " if self.name in ("bash", "-bash") else f"{self.name}: 1: "
        self.stderr.write(f"{prefix}{text}\n".encode())

    async def run_script(self, text: str) -> int:
        """Parse and run; the exit status."""
        try:
            return await self.run(Parser(text).program())
        except ShellSyntaxError as error:
            self.complain(f"Syntax error: {error}" if "not supported" not in str(error) else str(error))
            return 2
        except expand.UnsetParameter as error:
            self.complain(str(error))
            return 2
        except Leave as leave:
            return leave.value & 0xFF

    async def capture(self, script: Sequence) -> str:
        """$(...)"""
        inner = self.copy()
        output = Capture()
        inner.stdout = output
        try:
            self.status = await inner.run(script)
        except Leave as leave:
            self.status = leave.value
        return output.data.decode("utf-8", "replace").replace("\0", "")

    async def run(self, script: Sequence) -> int:
        for item in script.items:
            if item.background:
                self._start_background(item)
            else:
                await self._and_or(item)
        return self.status

    async def condition(self, script: Sequence) -> bool:
        """Run where `set -e` does not apply."""
        self.in_condition += 1
        try:
            return await self.run(script) == 0
        finally:
            self.in_condition -= 1

    def _start_background(self, item: AndOr) -> None:
        inner = self.copy()
        inner.stdin = Source()
        self.background = str(self.machine.start_process(inner.run(Sequence((AndOr(item.first, item.rest),)))))
        self.status = 0

    async def _and_or(self, item: AndOr) -> None:
        last = not item.rest
        await self._pipeline(item.first, last)
        for number, (sign, pipeline) in enumerate(item.rest, 1):
            if (sign == "&&") == (self.status == 0):
                await self._pipeline(pipeline, number == len(item.rest))

    async def _pipeline(self, pipeline: Pipeline, fatal: bool) -> None:
        if len(pipeline.commands) == 1:
            self.status = await self.command(pipeline.commands[0])
        else:
            self.status = await self._piped(pipeline.commands)
        if pipeline.negated:
            self.status = int(self.status == 0)
        elif fatal and self.status and "e" in self.options and not self.in_condition:
            raise Leave("exit", self.status)

    async def _piped(self, commands: tuple[Command, ...]) -> int:
        stages = []
        source: Reader = self.stdin
        for number, command in enumerate(commands):
            inner = self.copy()
            inner.in_condition = 1
            inner.stdin = source
            pipe = Pipe() if number < len(commands) - 1 else None
            if pipe is not None:
                inner.stdout = pipe
                source = pipe
            stages.append(asyncio.ensure_future(inner.stage(command, pipe)))
        try:
            return (await asyncio.gather(*stages))[-1]
        finally:
            for stage in stages:
                stage.cancel()

    async def stage(self, command: Command, pipe: Pipe | None) -> int:
        """One command of a pipeline in its own subshell."""
        try:
            return await self.command(command)
        except Leave as leave:
            return leave.value
        finally:
            if pipe is not None:
                pipe.close()
            if isinstance(self.stdin, Pipe):
                self.stdin.abandon()

    async def command(self, command: Command) -> int:
        if isinstance(command, Redirected):
            return await self._redirected(command)
        if isinstance(command, Simple):
            return await self._simple(command)
        if isinstance(command, Group):
            return await self._group(command)
        if isinstance(command, Function):
            self.functions[command.name] = command.body
            return 0
        if isinstance(command, If):
            return await self._if(command)
        if isinstance(command, Case):
            return await self._case(command)
        if isinstance(command, For):
            return await self._for(command)
        return await self._while(command)

    async def _group(self, group: Group) -> int:
        if not group.subshell:
            return await self.run(group.body)
        try:
            return await self.copy().run(group.body)
        except Leave as leave:
            return leave.value

    async def _if(self, command: If) -> int:
        for condition, body in command.clauses:
            if await self.condition(condition):
                return await self.run(body)
        return await self.run(command.otherwise) if command.otherwise else 0

    async def _case(self, command: Case) -> int:
        subject = await expand.single(self, command.word)
        for patterns, body in command.items:
            for word in patterns:
                if compiled(await expand.pattern(self, word)).fullmatch(subject):
                    self.status = 0
                    return await self.run(body)
        return 0

    async def _for(self, command: For) -> int:
        words = list(self.arguments) if command.words is None else await expand.fields(self, command.words)
        status = 0
        for word in words:
            self.variables[command.name] = word
            try:
                status = await self.run(command.body)
            except Leave as leave:
                if not _loop_goes_on(leave):
                    break
        return status

    async def _while(self, command: While) -> int:
        status = 0
        for _ in range(MOST_LOOPS):
            if await self.condition(command.condition) == command.until:
                return status
            try:
                status = await self.run(command.body)
            except Leave as leave:
                if not _loop_goes_on(leave):
                    return 0
            await asyncio.sleep(0)
        self.complain("practice host: not supported: a loop without end")
        return 2

    async def _redirected(self, command: Redirected) -> int:
        kept = self.stdin, self.stdout, self.stderr
        try:
            for redirect in command.redirects:
                await self._redirect(redirect)
            return await self.command(command.command)
        except OSError as error:
            self.stderr = kept[2]
            reason = error.strerror or str(error)
            self.complain(
                f"cannot open {error.filename}: {reason}" if self.name == "sh" else f"{error.filename}: {reason}"
            )
            return 2 if self.name == "sh" else 1
        finally:
            self.stdin, self.stdout, self.stderr = kept

    async def _redirect(self, redirect: Redirect) -> None:
        target = await expand.single(self, redirect.target)
        if redirect.operator == "<<":
            self.stdin = Source(target.encode())
        elif redirect.operator == "<":
            path = self.path(target)
            self.stdin = Source() if path == "/dev/null" else Source(self.machine.fs.read(path))
        elif redirect.operator in (">&", "<&"):
            self._duplicate(redirect.descriptor, target)
        else:
            path = self.path(target)
            null = path == "/dev/null"
            writer: Writer = Null() if null else FileWriter(self.machine.fs, path, redirect.operator == ">>")
            self._set_writer(redirect.descriptor, writer)

    def _duplicate(self, descriptor: int, target: str) -> None:
        streams = {"1": self.stdout, "2": self.stderr}
        if target not in streams:
            raise ShellSyntaxError(f"practice host: not supported: >&{target}")
        self._set_writer(descriptor, streams[target])

    def _set_writer(self, descriptor: int, writer: Writer) -> None:
        if descriptor == 1:
            self.stdout = writer
        elif descriptor == 2:
            self.stderr = writer
        else:
            raise ShellSyntaxError(f"practice host: not supported: descriptor {descriptor}")

    async def _simple(self, command: Simple) -> int:
        words = await expand.fields(self, command.words)
        values = {name: await expand.single(self, word) for name, word in command.assignments}
        if not words:
            self.variables.update(values)
            # The status of an assignment is that of its last command substitution.
            return self.status if any(_substitutes(word) for _, word in command.assignments) else 0
        return await self.invoke(words, values)

    async def invoke(self, words: list[str], values: dict[str, str] | None = None) -> int:
        """Run a function, a builtin or a command by its arguments."""
        from practice.shell.builtins import BUILTINS

        name = words[0]
        if name in self.functions:
            return await self._call(name, words[1:])
        if name in BUILTINS:
            self.variables.update(values or {})
            return await BUILTINS[name](self, words[1:])
        program = self.find(name)
        if program is None:
            self.complain(f"{name}: command not found" if self.name in ("bash", "-bash") else f"{name}: not found")
            return 127
        context = Context(
            self.machine,
            [program, *words[1:]],
            self.stdin,
            self.stdout,
            self.stderr,
            {**self.environment(), **(values or {})},
            self.cwd,
            self.user,
        )
        with suppress(BrokenPipeError):
            status = await COMMANDS[program](context)
            await self.stdout.drain()
            return status
        return 141

    def find(self, name: str) -> str | None:
        """The name under which a command is registered; None where there is no such program on this host."""
        base = posixpath.basename(name)
        if "/" in name and posixpath.dirname(name) not in PATH:
            return None
        known = base in COMMANDS and base not in self.machine.missing_commands
        return base if known else None

    def path(self, name: str) -> str:
        """A path as absolute."""
        return posixpath.normpath(posixpath.join(self.cwd, name))

    async def _call(self, name: str, arguments: list[str]) -> int:
        kept, self.arguments = self.arguments, arguments
        try:
            return await self.command(self.functions[name])
        except Leave as leave:
            if leave.kind != "return":
                raise
            return leave.value
        finally:
            self.arguments = kept


def _substitutes(word: Word) -> bool:
    return any(isinstance(part, Substitution) for part in word)


def _loop_goes_on(leave: Leave) -> bool:
    """Handle break and continue of one level; anything else travels on."""
    if leave.kind not in ("break", "continue"):
        raise leave
    if leave.value > 1:
        raise Leave(leave.kind, leave.value - 1)
    return leave.kind == "continue"
