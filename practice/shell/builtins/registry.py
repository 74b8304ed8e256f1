"""Which builtins there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from practice.shell.syntax import Unsupported

if TYPE_CHECKING:
    from practice.shell.interpreter import Shell

Builtin = Callable[["Shell", list[str]], Awaitable[int]]

BUILTINS: dict[str, Builtin] = {}

SPECIAL = frozenset(
    {
        ":",
        ".",
        "break",
        "continue",
        "eval",
        "exec",
        "exit",
        "export",
        "readonly",
        "return",
        "set",
        "shift",
        "trap",
        "unset",
    }
)
"""POSIX's special builtins: an error in one ends a sh, and assignments before one stay."""

REFUSED = ("alias", "bg", "declare", "fg", "getopts", "jobs", "let", "mapfile", "popd", "pushd", "shopt", "times")
"""Builtins of real shells that this one has not; "not found" would be a lie."""


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    def register(function: Builtin) -> Builtin:
        for name in names:
            BUILTINS[name] = function
        return function

    return register


def _refusing(name: str) -> Builtin:
    async def refuse(shell: Shell, arguments: list[str]) -> int:
        raise Unsupported(name)

    return refuse


BUILTINS.update({name: _refusing(name) for name in REFUSED})
