"""dd and mkfifo."""

from __future__ import annotations

import errno
import posixpath
import re

from practice.commands.options import absolute, refuse
from practice.files import fail
from practice.shell.context import Context, command

UNITS = {"": 1, "c": 1, "K": 1 << 10, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
KNOWN = {"if", "of", "bs", "count", "status", "conv"}


@command("dd")
async def dd(context: Context) -> int:
    """if=, of=, bs=, count=; what it did goes to standard error."""
    values = dict(word.partition("=")[::2] for word in context.argv[1:])
    if values.keys() - KNOWN or "of" not in values or not {"if", "of"} <= values.keys():
        return refuse(context, " ".join(context.argv[1:]))
    size, count = _number(values.get("bs", "512")), int(values.get("count", "-1"))
    source, target = values["if"], absolute(context, values["of"])
    fs = context.machine.fs
    zeros = absolute(context, source) == "/dev/zero"
    if zeros and count < 0:
        return refuse(context, "all of /dev/zero")
    try:
        data = b"" if zeros else fs.read(absolute(context, source))
        fs.write(target, b"")
    except OSError as error:
        context.err(f"dd: failed to open '{error.filename}': {error.strerror}\n")
        return 1
    total = count * size if zeros else min(len(data), count * size if count >= 0 else len(data))
    done, failed = 0, ""
    while done < total:
        part = bytes(min(size, total - done)) if zeros else data[done : min(done + size, total)]
        try:
            fs.write(target, part, append=True)
        except OSError as error:
            failed = f"dd: error writing '{values['of']}': {error.strerror}\n"
            break
        done += len(part)
    read = done // size + bool(failed)
    context.err(
        f"{failed}{read}+{int(done % size > 0)} records in\n{done // size}+{int(done % size > 0)} records out\n"
    )
    if values.get("status") != "none":
        context.err(f"{done} bytes{_human(done)} copied, 0.001 s, {done / 1e6 / 0.001:.1f} MB/s\n")
    return 1 if failed else 0


@command("mkfifo")
async def mkfifo(context: Context) -> int:
    """Only where the file system refuses: the practice host has no pipes with names."""
    for name in context.argv[1:]:
        path = absolute(context, name)
        try:
            if not context.machine.fs.resolve(posixpath.dirname(path)).cluster:
                return refuse(context, name)
            raise fail(errno.ENOSYS, path)
        except OSError as error:
            context.err(f"mkfifo: cannot create fifo '{name}': {error.strerror}\n")
    return 1


def _number(text: str) -> int:
    match = re.fullmatch(r"(\d+)([cKkMG]?)", text)
    return int(match[1]) * UNITS[match[2]] if match else 512


def _human(size: int) -> str:
    """(614 kB, 600 KiB) from 1000 bytes on."""
    if size < 1000:
        return ""
    decimal, binary = float(size), float(size)
    one, other = -1, -1
    while decimal >= 1000:
        decimal, one = decimal / 1000, one + 1
    while binary >= 1024:
        binary, other = binary / 1024, other + 1
    shown = f" ({_digits(decimal)} {('kB', 'MB', 'GB')[one]}"
    return f"{shown}, {_digits(binary)} {('KiB', 'MiB', 'GiB')[other]})" if other >= 0 else f"{shown})"


def _digits(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"
