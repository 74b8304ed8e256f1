"""Builtins that steer: exit, return, break, continue, eval, source, exec, trap, wait, kill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.shell.builtins.registry import BUILTINS, Builtin, builtin
from practice.shell.leave import OWN_PID, Leave
from practice.shell.syntax import ShellError, ShellSyntaxError, Unsupported

if TYPE_CHECKING:
    from practice.shell.interpreter import Shell

NOT_FOUND = 127


def _leaving(kind: str) -> Builtin:
    async def leave(shell: Shell, arguments: list[str]) -> int:
        text = arguments[0] if arguments else ""
        if text and not text.isdigit():
            raise ShellError(
                f"{kind}: {text}: numeric argument required" if shell.bash else f"{kind}: Illegal number: {text}"
            )
        if kind in ("break", "continue"):
            if not shell.loops:
                return 0
            raise Leave(kind, min(int(text or 1), shell.loops))
        raise Leave(kind, int(text) if text else shell.status)

    return leave


for _kind in ("exit", "return", "break", "continue"):
    BUILTINS[_kind] = _leaving(_kind)


@builtin("eval")
async def _eval(shell: Shell, arguments: list[str]) -> int:
    try:
        return await shell.run_text(" ".join(arguments))
    except ShellSyntaxError as error:
        shell.complain(f"eval: {error.bash() if shell.bash else error.dash()}")
        if shell.bash:
            return 1
        raise Leave("exit", error.status(shell.bash)) from None


@builtin(".", "source")
async def _source(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        raise ShellError(".: filename argument required")
    name = arguments[0]
    try:
        text = shell.machine.fs.read(shell.path(name)).decode("utf-8", "replace")
    except OSError as error:
        if shell.bash:
            shell.complain(f"{name}: {error.strerror}")
            return 1
        shell.complain(
            f".: cannot open {name}: {'No such file' if isinstance(error, FileNotFoundError) else error.strerror}"
        )
        raise Leave("exit", 2) from None
    try:
        return await shell.run_text(text)
    except Leave as leave:
        if leave.kind != "return":
            raise
        return leave.value


@builtin("exec")
async def _exec(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        return 0
    shell.trap = ""
    raise Leave("exit", await shell.invoke(arguments, functions=False))


@builtin("trap")
async def _trap(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) < 2 or not set(arguments[1:]) <= {"EXIT", "0"}:
        raise Unsupported(f"trap {' '.join(arguments)}")
    shell.trap = "" if arguments[0] == "-" else arguments[0]
    return 0


@builtin("wait")
async def _wait(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        await shell.machine.wait_processes(list(shell.started))
        return 0
    status = 0
    for pid in arguments:
        if pid not in shell.started:
            status = NOT_FOUND
            continue
        await shell.machine.wait_processes([pid])
        status = shell.started[pid].status
    return status


@builtin("kill")
async def _kill(shell: Shell, arguments: list[str]) -> int:
    signal = "TERM"
    status = 0
    for word in arguments:
        if word.startswith("-"):
            signal = word[1:].removeprefix("SIG")
        elif not word.isdigit():
            raise Unsupported(f"kill {word}")
        elif word == OWN_PID:
            if signal != "0":
                raise Unsupported("kill $$")
        elif not shell.machine.process_alive(word):
            shell.complain(f"kill: ({word}) - No such process" if shell.bash else "kill: No such process")
            status = 1
        elif signal != "0":
            shell.machine.end_process(word)
    return status
