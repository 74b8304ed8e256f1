"""Redirections: < > >> << >& on the shell's streams."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from practice.shell import expand
from practice.shell.context import Reader, Writer
from practice.shell.streams import FileReader, FileWriter, Null, Source
from practice.shell.syntax import Redirect, Unsupported

if TYPE_CHECKING:
    from practice.shell.interpreter import Shell

Streams = tuple[Reader, Writer, Writer, dict[int, Writer]]


class RedirectFailed(Exception):
    """A file could not be opened; the message in the shell's words."""


def keep(shell: Shell) -> Streams:
    """The streams as they are, for `restore`."""
    return shell.stdin, shell.stdout, shell.stderr, dict(shell.others)


def restore(shell: Shell, streams: Streams) -> None:
    shell.stdin, shell.stdout, shell.stderr, shell.others = streams


async def apply(shell: Shell, redirects: tuple[Redirect, ...]) -> None:
    """In order, each seeing those before it. Raises `RedirectFailed`."""
    for redirect in redirects:
        target = await expand.single(shell, redirect.target)
        try:
            _one(shell, redirect, target)
        except OSError as error:
            raise RedirectFailed(_complaint(shell, redirect.operator, target, error)) from error


def _one(shell: Shell, redirect: Redirect, target: str) -> None:
    operator, descriptor = redirect.operator, redirect.descriptor
    if operator in ("<<", "<"):
        if descriptor != 0:
            raise Unsupported(f"{descriptor}{operator}")
        shell.stdin = Source(target.encode()) if operator == "<<" else _reader(shell, target)
    elif operator in (">&", "<&"):
        _duplicate(shell, descriptor, operator, target)
    else:
        _set(shell, descriptor, _writer(shell, target, operator == ">>"))


def _reader(shell: Shell, target: str) -> Reader:
    path = shell.path(target)
    return Source() if path == "/dev/null" else FileReader(shell.machine.fs, path)


def _writer(shell: Shell, target: str, append: bool) -> Writer:
    path = shell.path(target)
    return Null() if path == "/dev/null" else FileWriter(shell.machine.fs, path, append, shell.umask)


def _duplicate(shell: Shell, descriptor: int, operator: str, target: str) -> None:
    if operator == "<&" or not target.isdigit():
        if not (target == "-" and descriptor > 2):
            raise Unsupported(f"{operator}{target}")
        shell.others.pop(descriptor, None)
        return
    streams = {1: shell.stdout, 2: shell.stderr, **shell.others}
    if int(target) not in streams:
        raise OSError(errno.EBADF, "Bad file descriptor")
    _set(shell, descriptor, streams[int(target)])


def _set(shell: Shell, descriptor: int, writer: Writer) -> None:
    if descriptor == 0:
        raise Unsupported("writing to descriptor 0")
    if descriptor == 1:
        shell.stdout = writer
    elif descriptor == 2:
        shell.stderr = writer
    else:
        shell.others[descriptor] = writer


def _complaint(shell: Shell, operator: str, target: str, error: OSError) -> str:
    reason = error.strerror or str(error)
    if shell.bash or operator == ">&":
        return f"{target}: {reason}"
    reading = operator == "<"
    if error.errno == errno.ENOENT:
        reason = "No such file" if reading else "Directory nonexistent"
    return f"cannot {'open' if reading else 'create'} {target}: {reason}"
