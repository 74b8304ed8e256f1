"""chmod, chown, touch."""

from __future__ import annotations

import errno
import re

from practice.commands.files import USERS
from practice.commands.options import Usage, absolute, refuse, split
from practice.shell.context import Context, command


@command("chmod")
async def chmod(context: Context) -> int:
    fs = context.machine.fs
    words = context.argv[1:]
    reference = next((word.partition("=")[2] for word in words if word.startswith("--reference=")), None)
    operands = [word for word in words if not word.startswith("--")]
    try:
        if reference is not None:
            mode = fs.resolve(absolute(context, reference)).mode
        elif re.fullmatch(r"[0-7]{3,4}", operands[0]):
            mode = int(operands.pop(0), 8)
        elif operands[0] in ("+x", "a+x"):
            operands.pop(0)
            mode = fs.resolve(absolute(context, operands[0])).mode | 0o111
        else:
            return refuse(context, operands[0])
    except OSError as error:
        context.err(f"chmod: cannot access '{operands[-1]}': {error.strerror}\n")
        return 1
    status = 0
    for name in operands:
        try:
            fs.change(absolute(context, name), mode=mode)
        except OSError as error:
            verb = "changing permissions of" if error.errno == errno.EPERM else "cannot access"
            context.err(f"chmod: {verb} '{name}': {error.strerror}\n")
            status = 1
    return status


@command("chown", "chgrp")
async def chown(context: Context) -> int:
    fs = context.machine.fs
    words = context.argv[1:]
    reference = next((word.partition("=")[2] for word in words if word.startswith("--reference=")), None)
    operands = [word for word in words if not word.startswith("-")]
    names = {name: number for number, name in USERS.items()}
    try:
        if reference is not None:
            node = fs.resolve(absolute(context, reference))
            uid, gid = node.uid, node.gid
        else:
            user, _, group = operands.pop(0).partition(":")
            uid = names.get(user, 0)
            gid = names.get(group or user, 0)
        for name in operands:
            fs.change(absolute(context, name), uid=uid, gid=gid)
    except OSError as error:
        context.err(f"chown: cannot access '{operands[-1]}': {error.strerror}\n")
        return 1
    return 0


@command("touch")
async def touch(context: Context) -> int:
    _, values, names = split(context, "c", "d")
    when = _when(context, values["d"]) if "d" in values else None
    fs, status = context.machine.fs, 0
    for name in names:
        path = absolute(context, name)
        try:
            if not fs.exists(path):
                fs.write(path, b"")
            fs.touch(fs.resolve(path), when)
        except OSError as error:
            context.err(f"touch: cannot touch '{name}': {error.strerror}\n")
            status = 1
    return status


def _when(context: Context, text: str) -> float:
    days = {"now": 0, "yesterday": 1, "tomorrow": -1}
    if text not in days:
        raise Usage(f"touch: -d {text}")
    return context.machine.clock.now() - 86400 * days[text]
