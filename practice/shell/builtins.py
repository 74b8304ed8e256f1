"""The shell's own commands."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from practice.shell.interpreter import Leave, Shell
from practice.shell.printf import echo_text, format_text
from practice.shell.test import evaluate

Builtin = Callable[[Shell, list[str]], Awaitable[int]]

BUILTINS: dict[str, Builtin] = {}


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    def register(function: Builtin) -> Builtin:
        for name in names:
            BUILTINS[name] = function
        return function

    return register


@builtin(":", "true", "umask", "trap", "hash")
async def _nothing(shell: Shell, arguments: list[str]) -> int:
    return 0


@builtin("false")
async def _false(shell: Shell, arguments: list[str]) -> int:
    return 1


@builtin("cd")
async def _cd(shell: Shell, arguments: list[str]) -> int:
    target = shell.path(arguments[0] if arguments else shell.variables.get("HOME", "/root"))
    if not shell.machine.fs.is_dir(target):
        shell.complain(
            f"cd: can't cd to {target}" if shell.name == "sh" else f"cd: {target}: No such file or directory"
        )
        return 2 if shell.name == "sh" else 1
    shell.cwd = target
    return 0


@builtin("pwd")
async def _pwd(shell: Shell, arguments: list[str]) -> int:
    shell.stdout.write(f"{shell.cwd}\n".encode())
    return 0


@builtin("echo")
async def _echo(shell: Shell, arguments: list[str]) -> int:
    shell.stdout.write(echo_text(arguments).encode())
    await shell.stdout.drain()
    return 0


@builtin("printf")
async def _printf(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        shell.complain("printf: usage: printf format [arguments]")
        return 2
    shell.stdout.write(format_text(arguments[0], arguments[1:]).encode())
    await shell.stdout.drain()
    return 0


@builtin("test", "[")
async def _test(shell: Shell, arguments: list[str]) -> int:
    words = arguments[:-1] if arguments and arguments[-1] == "]" else arguments
    try:
        return 0 if evaluate(words, shell.machine.fs, shell.path) else 1
    except ValueError as error:
        shell.complain(f"[: {error}")
        return 2


@builtin("export")
async def _export(shell: Shell, arguments: list[str]) -> int:
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if sign:
            shell.variables[name] = value
        shell.exported.add(name)
    return 0


@builtin("local", "readonly")
async def _local(shell: Shell, arguments: list[str]) -> int:
    for argument in arguments:
        name, _, value = argument.partition("=")
        shell.variables[name] = value
    return 0


@builtin("unset")
async def _unset(shell: Shell, arguments: list[str]) -> int:
    for name in arguments:
        shell.variables.pop(name, None)
        shell.functions.pop(name, None)
    return 0


@builtin("shift")
async def _shift(shell: Shell, arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 1
    if count > len(shell.arguments):
        shell.complain("shift: can't shift that many")
        return 2
    shell.arguments = shell.arguments[count:]
    return 0


@builtin("set")
async def _set(shell: Shell, arguments: list[str]) -> int:
    for number, argument in enumerate(arguments):
        if argument == "--":
            shell.arguments = arguments[number + 1 :]
            return 0
        if not re.fullmatch(r"[-+][euf]+", argument):
            shell.complain(f"practice host: not supported: set {argument}")
            return 2
        flags = set(argument[1:])
        shell.options = shell.options | flags if argument[0] == "-" else shell.options - flags
    return 0


@builtin("read")
async def _read(shell: Shell, arguments: list[str]) -> int:
    names = [argument for argument in arguments if not argument.startswith("-")] or ["REPLY"]
    line, ended = b"", False
    while not line.endswith(b"\n"):
        byte = await shell.stdin.read(1)
        if not byte:
            ended = True
            break
        line += byte
    words = line.decode("utf-8", "replace").rstrip("\n").strip().split(None, len(names) - 1)
    for number, name in enumerate(names):
        shell.variables[name] = words[number] if number < len(words) else ""
    return 1 if ended and not line else 0


@builtin("eval")
async def _eval(shell: Shell, arguments: list[str]) -> int:
    return await shell.run_script(" ".join(arguments))


@builtin("exec")
async def _exec(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        return 0
    raise Leave("exit", await shell.invoke(arguments))


@builtin("command", "type", "which")
async def _command(shell: Shell, arguments: list[str]) -> int:
    if arguments[:1] == ["-v"] or (arguments and not arguments[0].startswith("-")):
        name = arguments[-1]
        if name in BUILTINS and name not in ("which",):
            shell.stdout.write(f"{name}\n".encode())
            return 0
        if shell.find(name) is None:
            return 127
        shell.stdout.write(f"/usr/bin/{name}\n".encode())
        return 0
    return 2


@builtin("wait")
async def _wait(shell: Shell, arguments: list[str]) -> int:
    await shell.machine.wait_processes(arguments or [shell.background])
    return 0


@builtin("kill")
async def _kill(shell: Shell, arguments: list[str]) -> int:
    numbers = [argument for argument in arguments if argument.isdigit()]
    alive = [number for number in numbers if shell.machine.process_alive(number)]
    if len(alive) < len(numbers) or not numbers:
        shell.complain(f"kill: ({' '.join(numbers)}) - No such process")
        return 1
    if "-0" not in arguments:
        for number in alive:
            shell.machine.end_process(number)
    return 0


@builtin(".", "source")
async def _source(shell: Shell, arguments: list[str]) -> int:
    try:
        text = shell.machine.fs.read(shell.path(arguments[0])).decode("utf-8", "replace")
    except OSError as error:
        shell.complain(f"{arguments[0]}: {error.strerror}")
        return 1
    return await shell.run_script(text)


def _leaving(kind: str) -> Builtin:
    async def leave(shell: Shell, arguments: list[str]) -> int:
        default = 1 if kind in ("break", "continue") else shell.status
        value = int(arguments[0]) if arguments and arguments[0].lstrip("-").isdigit() else default
        raise Leave(kind, value)

    return leave


for _kind in ("exit", "return", "break", "continue"):
    BUILTINS[_kind] = _leaving(_kind)
