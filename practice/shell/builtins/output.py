"""Builtins that print or judge: echo, printf, test, true, false."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.shell.builtins.registry import builtin
from practice.shell.printf import echo_text, format_text
from practice.shell.test import Test

if TYPE_CHECKING:
    from practice.shell.interpreter import Shell


@builtin(":", "true", "hash")
async def _true(shell: Shell, arguments: list[str]) -> int:
    return 0


@builtin("false")
async def _false(shell: Shell, arguments: list[str]) -> int:
    return 1


@builtin("echo")
async def _echo(shell: Shell, arguments: list[str]) -> int:
    shell.stdout.write(echo_text(arguments, shell.bash).encode())
    return 0


@builtin("printf")
async def _printf(shell: Shell, arguments: list[str]) -> int:
    words = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not words:
        shell.complain(
            "printf: usage: printf [-v var] format [arguments]"
            if shell.bash
            else "printf: usage: printf format [arg ...]"
        )
        return 2
    result = format_text(words[0], words[1:], shell.bash)
    shell.stdout.write(result.text.encode())
    for complaint in result.complaints:
        shell.complain(f"printf: {complaint}")
    if result.stopped and not shell.bash:
        return 2
    return int(bool(result.complaints))


@builtin("test", "[")
async def _test(shell: Shell, arguments: list[str]) -> int:
    return _judge(shell, "test", arguments)


@builtin("[")
async def _bracket(shell: Shell, arguments: list[str]) -> int:
    if arguments[-1:] != ["]"]:
        shell.complain("[: missing `]'" if shell.bash else "[: missing ]")
        return 2
    return _judge(shell, "[", arguments[:-1])


def _judge(shell: Shell, name: str, words: list[str]) -> int:
    try:
        return 0 if Test(shell.machine.fs, shell.path, shell.bash).evaluate(words) else 1
    except ValueError as error:
        shell.complain(f"{name}: {error}")
        return 2
