"""Running a syntax tree: commands, pipelines, control flow, subshells, background jobs."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable

from practice.shell import expand, redirects
from practice.shell.context import COMMANDS, Context, Reader
from practice.shell.leave import KILLED, PIPE_CLOSED, Leave
from practice.shell.parser import parsed
from practice.shell.pattern import compiled
from practice.shell.state import Job, State
from practice.shell.streams import Capture, Pipe, Source
from practice.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirected,
    Sequence,
    ShellError,
    ShellSyntaxError,
    Simple,
    Substitution,
    Text,
    Unsupported,
    While,
    Word,
)

MOST_LOOPS = 100_000
__all__ = ["Leave", "Shell"]


class Shell(State):
    """Runs scripts."""

    async def run_script(self, text: str) -> int:
        """Parse and run as a whole shell, with its EXIT trap; the exit status."""
        return await self.ended(self.run_text(text))

    async def run_text(self, text: str) -> int:
        """Parse and run in this shell. Raises `Leave` and `ShellError`."""
        return await self.run(parsed(text, self.bash))

    async def ended(self, work: Awaitable[int]) -> int:
        """Where a shell or subshell ends: the exit status of `work`, whatever stopped it."""
        self.status = await self._stopped(work)
        script, self.trap, status = self.trap, "", self.status
        if script:
            leaving = f"{script}\nexit {status}"
            status = await self._stopped(self.run_text(leaving))
        return status & 0xFF

    async def _stopped(self, work: Awaitable[int]) -> int:
        try:
            return await work
        except Leave as leave:
            return leave.value & 0xFF
        except BrokenPipeError:
            return PIPE_CLOSED
        except ShellError as error:
            self._tell(error)
            return error.status(self.bash)

    def _tell(self, error: ShellError) -> None:
        if isinstance(error, ShellSyntaxError):
            self.line = error.line
            self.complain(error.bash() if self.bash else error.dash(), "-c: " if self.bash else "")
        else:
            self.complain(str(error))

    async def capture(self, script: Sequence) -> str:
        """$(...)"""
        inner = self.copy()
        inner.in_condition = 0
        output = Capture()
        inner.stdout = output
        self.substituted = await inner.ended(inner.run(script))
        if self.bash:
            self.status = self.substituted
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

        job = Job(KILLED)

        async def work() -> None:
            job.status = await inner.ended(inner.run(Sequence((AndOr(item.first, item.rest),))))

        self.background = str(self.machine.start_process(work()))
        self.started[self.background] = job
        self.status = 0

    async def _and_or(self, item: AndOr) -> None:
        await self._pipeline(item.first, not item.rest)
        for number, (sign, pipeline) in enumerate(item.rest, 1):
            if (sign == "&&") == (self.status == 0):
                await self._pipeline(pipeline, number == len(item.rest))

    async def _pipeline(self, pipeline: Pipeline, last: bool) -> None:
        """`set -e` looks only at the last pipeline of a list, and not at a negated one."""
        tested = not last or pipeline.negated
        self.in_condition += tested
        try:
            if len(pipeline.commands) == 1:
                self.status = await self.command(pipeline.commands[0])
            else:
                self.status = await self._piped(pipeline.commands)
        finally:
            self.in_condition -= tested
        if pipeline.negated:
            self.status = int(self.status == 0)
        elif not tested and self.status and "e" in self.options and not self.in_condition:
            raise Leave("exit", self.status)

    async def _piped(self, commands: tuple[Command, ...]) -> int:
        stages = []
        source: Reader = self.stdin
        for number, command in enumerate(commands):
            inner = self.copy()
            inner.stdin = source
            pipe = Pipe() if number < len(commands) - 1 else None
            if pipe is not None:
                inner.stdout = pipe
                source = pipe
            stages.append(asyncio.ensure_future(inner.stage(command, pipe)))
        try:
            statuses = await asyncio.gather(*stages)
        finally:
            for stage in stages:
                stage.cancel()
        if "pipefail" in self.options:
            return next((status for status in reversed(statuses) if status), 0)
        return statuses[-1]

    async def stage(self, command: Command, pipe: Pipe | None) -> int:
        """One command of a pipeline in its own subshell."""
        stdin = self.stdin
        try:
            return await self.ended(self.command(command))
        finally:
            if pipe is not None:
                pipe.close()
            if isinstance(stdin, Pipe):
                stdin.abandon()

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
        self.loops += 1
        try:
            return await (self._for(command) if isinstance(command, For) else self._while(command))
        finally:
            self.loops -= 1

    async def _group(self, group: Group) -> int:
        if not group.subshell:
            return await self.run(group.body)
        inner = self.copy()
        return await inner.ended(inner.run(group.body))

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
            self.assign(command.name, word)
            try:
                status = await self.run(command.body)
            except Leave as leave:
                if not _loop_goes_on(leave):
                    return 0
        return status

    async def _while(self, command: While) -> int:
        status = 0
        for _ in range(MOST_LOOPS):
            try:
                if await self.condition(command.condition) == command.until:
                    return status
                status = await self.run(command.body)
            except Leave as leave:
                if not _loop_goes_on(leave):
                    return 0
            await asyncio.sleep(0)
        self.complain("practice host: not supported: a loop without end")
        return 2

    async def _redirected(self, command: Redirected) -> int:
        inner = command.command
        # `exec` without a command keeps its redirections.
        lasting = isinstance(inner, Simple) and inner.words == ((Text("exec"),),)
        kept = redirects.keep(self)
        try:
            await redirects.apply(self, command.redirects)
            if lasting:
                kept = redirects.keep(self)
            return await self.command(inner)
        except ShellError as error:
            # Said here, while standard error still is where the redirection put it.
            self._tell(error)
            raise Leave("exit", error.status(self.bash)) from None
        except redirects.RedirectFailed as error:
            self.line = inner.line if isinstance(inner, Simple) else self.line
            self.complain(str(error))
            if isinstance(inner, Simple) and _starts_special(inner) and not self.bash:
                raise Leave("exit", 2) from None
            return 1 if self.bash else 2
        finally:
            redirects.restore(self, kept)

    async def _simple(self, command: Simple) -> int:
        self.line = command.line
        words = await expand.fields(self, command.words)
        values = {name: await expand.single(self, word) for name, word in command.assignments}
        if not words:
            for name, value in values.items():
                self.assign(name, value)
            # The status of an assignment is that of its last command substitution.
            return self.substituted if any(_substitutes(word) for _, word in command.assignments) else 0
        return await self.invoke(words, values)

    async def invoke(self, words: list[str], values: dict[str, str] | None = None, functions: bool = True) -> int:
        """Run a builtin, a function or a program by its arguments; `values` are set for it only."""
        from practice.shell.builtins import BUILTINS, SPECIAL

        name, values = words[0], values or {}
        if name in SPECIAL and not self.bash:
            for variable, value in values.items():
                self.assign(variable, value)
            values = {}
        if (functions and name in self.functions) or name in BUILTINS:
            kept = {variable: self.variables.get(variable) for variable in values}
            exported = set(self.exported)
            for variable, value in values.items():
                self.assign(variable, value)
                self.exported.add(variable)
            try:
                if functions and name in self.functions and not (name in SPECIAL and not self.bash):
                    return await self._call(name, words[1:])
                return await self._builtin(name, words[1:])
            finally:
                self.put_back(kept)
                self.exported -= set(values) - exported
        return await self._program(name, words, values)

    async def _builtin(self, name: str, arguments: list[str]) -> int:
        from practice.shell.builtins import BUILTINS

        try:
            status = await BUILTINS[name](self, arguments)
            await self.stdout.drain()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.complain(f"{name}: write error: {error.strerror}" if self.bash else f"{name}: {name}: I/O error")
            return 1
        return status

    async def _program(self, name: str, words: list[str], values: dict[str, str]) -> int:
        program = self.find(name)
        if program is None:
            self.complain(self._not_found(name))
            return 127
        environment = {**self.environment(), **values}
        context = Context(
            self.machine, [program, *words[1:]], self.stdin, self.stdout, self.stderr, environment, self.cwd, self.user
        )
        try:
            status = await COMMANDS[program](context)
            await self.stdout.drain()
        except BrokenPipeError:
            return PIPE_CLOSED
        except Unsupported as error:
            # A program that refuses an option ends alone, as a real one does with its usage.
            self.stderr.write(f"{error}\n".encode())
            return error.status(self.bash)
        except (IndexError, KeyError, ValueError):
            # Arguments that the program was not written for.
            self.stderr.write(f"practice host: not supported: {shlex.join([program, *words[1:]])}\n".encode())
            return 2
        except OSError as error:
            self.stderr.write(f"{program}: write error: {error.strerror or error}\n".encode())
            return 1
        return status

    def _not_found(self, name: str) -> str:
        if not self.bash:
            return f"{name}: not found"
        return f"{name}: No such file or directory" if "/" in name else f"{name}: command not found"

    async def _call(self, name: str, arguments: list[str]) -> int:
        kept, self.arguments = self.arguments, arguments
        loops, self.loops = self.loops, 0
        self.locals.append({})
        try:
            return await self.command(self.functions[name])
        except Leave as leave:
            if leave.kind != "return":
                raise
            return leave.value
        finally:
            self.arguments, self.loops = kept, loops
            self.put_back(self.locals.pop())


def _substitutes(word: Word) -> bool:
    return any(isinstance(part, Substitution) for part in word)


def _starts_special(command: Simple) -> bool:
    from practice.shell.builtins import SPECIAL

    first = command.words[0] if command.words else ()
    return len(first) == 1 and isinstance(first[0], Text) and first[0].text in SPECIAL


def _loop_goes_on(leave: Leave) -> bool:
    """Handle break and continue of one level; anything else travels on."""
    if leave.kind not in ("break", "continue"):
        raise leave
    if leave.value > 1:
        raise Leave(leave.kind, leave.value - 1)
    return leave.kind == "continue"
