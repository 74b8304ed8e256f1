"""Builtins that change the shell: variables, arguments, options, the current folder, umask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from practice.shell.builtins.registry import builtin
from practice.shell.expand import BLANK, split_at_ifs
from practice.shell.syntax import ShellError, Unsupported

if TYPE_CHECKING:
    from practice.shell.interpreter import Shell

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPTIONS = {"errexit": "e", "nounset": "u", "noglob": "f", "pipefail": "pipefail"}


@builtin("cd")
async def _cd(shell: Shell, arguments: list[str]) -> int:
    name = arguments[0] if arguments else shell.variables.get("HOME", "/root")
    back = name == "-"
    if back:
        name = shell.variables.get("OLDPWD", "")
    target = shell.path(name)
    if not name or not shell.machine.fs.is_dir(target):
        reason = "Not a directory" if shell.machine.fs.exists(target) else "No such file or directory"
        shell.complain(f"cd: {name}: {reason}" if shell.bash else f"cd: can't cd to {name}")
        return 1 if shell.bash else 2
    if back:
        shell.stdout.write(f"{target}\n".encode())
    shell.assign("OLDPWD", shell.cwd)
    shell.assign("PWD", target)
    shell.cwd = target
    return 0


@builtin("pwd")
async def _pwd(shell: Shell, arguments: list[str]) -> int:
    shown = shell.machine.fs.realpath(shell.cwd) if "-P" in arguments else shell.cwd
    shell.stdout.write(f"{shown}\n".encode())
    return 0


@builtin("umask")
async def _umask(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        shell.stdout.write(f"{shell.umask:04o}\n".encode())
        return 0
    if not re.fullmatch(r"[0-7]{1,4}", arguments[0]):
        raise Unsupported(f"umask {arguments[0]}")
    shell.umask = int(arguments[0], 8)
    return 0


def _assign(shell: Shell, argument: str, word: str) -> str:
    """name or name=value; the name."""
    name, sign, value = argument.partition("=")
    if not _NAME.fullmatch(name):
        raise (
            Unsupported(f"{word} {name}") if name.startswith("-") else ShellError(f"{word}: {name}: bad variable name")
        )
    if sign:
        shell.assign(name, value)
    return name


@builtin("export")
async def _export(shell: Shell, arguments: list[str]) -> int:
    if not arguments or arguments == ["-p"]:
        raise Unsupported("export without names")
    shell.exported.update(_assign(shell, argument, "export") for argument in arguments)
    return 0


@builtin("readonly")
async def _readonly(shell: Shell, arguments: list[str]) -> int:
    shell.readonly.update(_assign(shell, argument, "readonly") for argument in arguments)
    return 0


@builtin("local")
async def _local(shell: Shell, arguments: list[str]) -> int:
    if not shell.locals:
        raise ShellError("local: can only be used in a function" if shell.bash else "local: not in a function")
    for argument in arguments:
        name = argument.partition("=")[0]
        shell.locals[-1].setdefault(name, shell.variables.get(name))
        _assign(shell, argument, "local")
    return 0


@builtin("unset")
async def _unset(shell: Shell, arguments: list[str]) -> int:
    functions = arguments[:1] == ["-f"]
    for name in arguments[1:] if arguments[:1] in (["-f"], ["-v"]) else arguments:
        if functions:
            shell.functions.pop(name, None)
        else:
            if name in shell.readonly:
                raise ShellError(f"unset: {name}: is read only")
            shell.variables.pop(name, None)
            shell.exported.discard(name)
    return 0


@builtin("shift")
async def _shift(shell: Shell, arguments: list[str]) -> int:
    text = arguments[0] if arguments else "1"
    if not text.isdigit():
        raise ShellError(
            f"shift: {text}: numeric argument required" if shell.bash else f"shift: Illegal number: {text}"
        )
    if int(text) > len(shell.arguments):
        if shell.bash:
            return 1
        raise ShellError("shift: can't shift that many")
    shell.arguments = shell.arguments[int(text) :]
    return 0


@builtin("set")
async def _set(shell: Shell, arguments: list[str]) -> int:
    words = list(arguments)
    if not words:
        raise Unsupported("set without arguments")
    while words:
        word = words.pop(0)
        if word == "--":
            shell.arguments = words
            return 0
        if not re.match(r"[-+]", word):
            shell.arguments = [word, *words]
            return 0
        letters = word[1:]
        if letters.endswith("o") and words:
            name = words.pop(0)
            if name not in _OPTIONS or (name == "pipefail" and not shell.bash):
                raise Unsupported(f"set {word} {name}")
            _switch(shell, word[0], [_OPTIONS[name], *letters[:-1]])
        else:
            _switch(shell, word[0], list(letters))
    return 0


def _switch(shell: Shell, sign: str, options: list[str]) -> None:
    unknown = [option for option in options if option not in _OPTIONS.values()]
    if unknown:
        raise Unsupported(f"set {sign}{unknown[0]}")
    shell.options = shell.options | set(options) if sign == "-" else shell.options - set(options)


@builtin("read")
async def _read(shell: Shell, arguments: list[str]) -> int:
    raw = arguments[:1] == ["-r"]
    names = arguments[1:] if raw else arguments
    if any(name.startswith("-") for name in names):
        raise Unsupported(f"read {' '.join(names)}")
    if not names and not shell.bash:
        raise ShellError("read: arg count")
    line, ended = await _line(shell, raw)
    text = line.decode("utf-8", "replace").replace("\0", "")
    names = names or ["REPLY"]
    separators = shell.variables.get("IFS", BLANK)
    words = split_at_ifs(text, separators, len(names)) if arguments != ["-r"] and arguments else [text]
    for number, name in enumerate(names):
        shell.assign(name, words[number] if number < len(words) else "")
    return int(ended)


async def _line(shell: Shell, raw: bool) -> tuple[bytes, bool]:
    """(a line without its end, whether the input ended instead). Without -r a backslash quotes the next character."""
    line = b""
    while True:
        byte = await shell.stdin.read(1)
        if not byte:
            return line, True
        if byte == b"\n":
            return line, False
        if byte == b"\\" and not raw:
            byte = await shell.stdin.read(1)
            byte = b"" if byte == b"\n" else byte
        line += byte
