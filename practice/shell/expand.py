"""Word expansion: parameters, command substitution, arithmetic, field splitting, file names."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from practice.shell.pattern import expand_files, literal, plain, trim
from practice.shell.syntax import Arithmetic, Parameter, Part, ShellSyntaxError, Substitution, Text, Word

if TYPE_CHECKING:
    from practice.shell.interpreter import Shell

BLANK = " \t\n"

_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: lambda a, b: int(a / b),
    ast.Mod: lambda a, b: a - b * int(a / b),
}


class UnsetParameter(Exception):
    """${x:?message}, or an unset parameter under `set -u`."""


async def fields(shell: Shell, words: tuple[Word, ...]) -> list[str]:
    """All words expanded to arguments."""
    found: list[str] = []
    for word in words:
        for pattern in await _patterns(shell, word):
            found += expand_files(shell.machine.fs, shell.cwd, pattern)
    return found


async def single(shell: Shell, word: Word) -> str:
    """One word as one string: no splitting, no file names (assignments, redirections)."""
    return plain(await pattern(shell, word))


async def pattern(shell: Shell, word: Word) -> str:
    """One word as a pattern: quoted characters are literal, unquoted * ? [ are magic."""
    out = []
    for part in word:
        value = await _value(shell, part)
        text = " ".join(value) if isinstance(value, list) else value
        out.append(literal(text) if _quoted(part) else text)
    return "".join(out)


async def _patterns(shell: Shell, word: Word) -> list[str]:
    """Field splitting: unquoted expansions break at blanks, "$@" gives one field per argument."""
    done: list[str] = []
    current: str | None = None
    for part in word:
        value = await _value(shell, part)
        if isinstance(value, list):
            pieces = [literal(piece) for piece in value] if _quoted(part) else [p for v in value for p in v.split()]
            if not pieces:
                continue
            current = (current or "") + pieces[0]
            for piece in pieces[1:]:
                done.append(current or "")
                current = piece
        elif _quoted(part):
            current = (current or "") + literal(value)
        elif isinstance(part, Text):
            current = (current or "") + value
        else:
            current = _split_into(done, current, value)
    return done if current is None else [*done, current]


def _split_into(done: list[str], current: str | None, value: str) -> str | None:
    pieces = value.split()
    if value[:1] in BLANK and value and current is not None:
        done.append(current)
        current = None
    for number, piece in enumerate(pieces):
        if number:
            done.append(current or "")
            current = None
        current = (current or "") + piece
    if pieces and value[-1] in BLANK and current is not None:
        done.append(current)
        current = None
    return current


def _quoted(part: Part) -> bool:
    return part.quoted


async def _value(shell: Shell, part: Part) -> str | list[str]:
    if isinstance(part, Text):
        if not part.quoted and part.text.startswith("~") and part.text[1:2] in ("", "/"):
            return shell.variables.get("HOME", "/root") + part.text[1:]
        return part.text
    if isinstance(part, Substitution):
        return (await shell.capture(part.script)).rstrip("\n")
    if isinstance(part, Arithmetic):
        return str(_calculate(await single(shell, part.expression), shell))
    return await _parameter(shell, part)


async def _parameter(shell: Shell, part: Parameter) -> str | list[str]:
    value = shell.parameter(part.name)
    sign = part.operator
    if sign == "length":
        return str(len(value if isinstance(value, str) else " ".join(value or ())))
    empty = value is None or (sign.startswith(":") and not value)
    if sign in ("-", ":-", "=", ":=", "?", ":?"):
        if not empty:
            return value if value is not None else ""
        default = await single(shell, part.word)
        if sign.endswith("="):
            shell.variables[part.name] = default
        if sign.endswith("?"):
            raise UnsetParameter(f"{part.name}: {default or 'parameter not set'}")
        return default
    if sign in ("+", ":+"):
        return "" if empty else await single(shell, part.word)
    if value is None:
        if "u" in shell.options:
            raise UnsetParameter(f"{part.name}: parameter not set")
        return ""
    if sign in ("#", "##", "%", "%%"):
        text = value if isinstance(value, str) else " ".join(value)
        return trim(text, await pattern(shell, part.word), sign)
    return value


def _calculate(text: str, shell: Shell) -> int:
    """+ - * / % and parentheses on integers and variables; everything else is refused."""
    try:
        tree = ast.parse(text.replace("/", "//").strip() or "0", mode="eval").body
        return _number(tree, shell)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError) as error:
        raise ShellSyntaxError(f"practice host: not supported: arithmetic: {text}") from error


def _number(node: ast.expr, shell: Shell) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        return int(shell.variables.get(node.id, "0") or "0")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(node.operand, shell)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_number(node.left, shell), _number(node.right, shell))
    raise ValueError("unsupported")
