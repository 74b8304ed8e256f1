"""Builtins about other commands: command, type, which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.shell.builtins.registry import BUILTINS, builtin
from practice.shell.syntax import Unsupported

if TYPE_CHECKING:
    from practice.shell.interpreter import Shell

NOT_FOUND = 127


def _what(shell: Shell, name: str) -> tuple[str, str]:
    """(what `command -v` prints, what `type` says after the name); ("", "") for nothing."""
    if name in shell.functions:
        return name, "is a function" if shell.bash else "is a shell function"
    if name in BUILTINS and name != "which":
        return name, "is a shell builtin"
    place = shell.location(name)
    return place, f"is {place}" if place else ""


@builtin("command")
async def _command(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        return 0
    if arguments[0] == "-v":
        shown = [_what(shell, name)[0] for name in arguments[1:]]
        shell.stdout.write("".join(f"{place}\n" for place in shown if place).encode())
        return 0 if all(shown) else 1 if shell.bash else NOT_FOUND
    if arguments[0].startswith("-"):
        raise Unsupported(f"command {arguments[0]}")
    return await shell.invoke(arguments, functions=False)


@builtin("type")
async def _type(shell: Shell, arguments: list[str]) -> int:
    if any(name.startswith("-") for name in arguments):
        raise Unsupported(f"type {arguments[0]}")
    status = 0
    for name in arguments:
        said = _what(shell, name)[1]
        if said:
            shell.stdout.write(f"{name} {said}\n".encode())
        elif shell.bash:
            shell.complain(f"type: {name}: not found")
            status = 1
        else:
            shell.stdout.write(f"{name}: not found\n".encode())
            status = NOT_FOUND
    return status


@builtin("which")
async def _which(shell: Shell, arguments: list[str]) -> int:
    places = [shell.location(name) for name in arguments if not name.startswith("-")]
    shell.stdout.write("".join(f"{place}\n" for place in places if place).encode())
    return 0 if places and all(places) else 1
