"""Programs that handle files: ls, cp, mv, rm, mkdir, ln, readlink, stat, find, checksums."""

from __future__ import annotations

import base64 as codec
import errno
import hashlib
import posixpath
import re
import time

from practice.commands.options import absolute, inputs, refuse, split
from practice.files import FileSystem, Node
from practice.shell.context import Context, command

HALF_A_YEAR = 182 * 86400
USERS = {0: "root", 33: "www-data", 1000: "owner"}


def mode_text(node: Node) -> str:
    """-rw-r--r--"""
    kinds = {"dir": "d", "link": "l", "char": "c", "file": "-"}
    bits = "".join(letter if node.mode >> (8 - n) & 1 else "-" for n, letter in enumerate("rwxrwxrwx"))
    return kinds[node.kind] + bits


def size_of(node: Node) -> int:
    return len(node.read()) if node.reader is not None else node.size


@command("ls")
async def ls(context: Context) -> int:
    seen, _, names = split(context, "la1dAhtr")
    fs, status = context.machine.fs, 0
    folders, shown = [], []
    for name in names or ["."]:
        path = absolute(context, name)
        try:
            node = fs.resolve(path, follow="l" not in seen)
        except OSError as error:
            context.err(f"ls: cannot access '{name}': {error.strerror}\n")
            status = 2
            continue
        if node.kind == "dir" and "d" not in seen:
            folders.append((name, path))
        else:
            shown.append(_line(name, node, "l" in seen))
    context.out("".join(shown))
    for number, (name, path) in enumerate(folders):
        if len(folders) > 1 or shown:
            context.out(("\n" if number or shown else "") + f"{name}:\n")
        try:
            entries = [entry for entry in fs.listdir(path) if seen & {"a", "A"} or not entry.startswith(".")]
        except OSError as error:
            context.err(f"ls: cannot open directory '{name}': {error.strerror}\n")
            status = 2
            continue
        if "l" in seen:
            context.out("total 0\n")
        inside = [(entry, fs.resolve(posixpath.join(path, entry), follow=False)) for entry in entries]
        wide = max((len(str(size_of(node))) for _, node in inside), default=1)
        context.out("".join(_line(entry, node, "l" in seen, wide) for entry, node in inside))
    return status


def _line(name: str, node: Node, long: bool, wide: int = 1) -> str:
    if not long:
        return f"{name}\n"
    old = time.time() - node.mtime > HALF_A_YEAR
    when = time.strftime("%b %e  %Y" if old else "%b %e %H:%M", time.gmtime(node.mtime))
    arrow = f" -> {node.target}" if node.kind == "link" else ""
    owner, group = USERS.get(node.uid, str(node.uid)), USERS.get(node.gid, str(node.gid))
    return f"{mode_text(node)} 1 {owner} {group} {size_of(node):>{wide}} {when} {name}{arrow}\n"


@command("cp")
async def cp(context: Context) -> int:
    _, _, names = split(context, "paf")
    fs = context.machine.fs
    if len(names) != 2:
        return refuse(context, "other than two operands")
    source, target = (absolute(context, name) for name in names)
    try:
        node = fs.resolve(source)
        if fs.is_dir(target):
            target = posixpath.join(target, posixpath.basename(source))
        new = not fs.exists(target)
        fs.write(target, fs.read(source))
        copied = fs.resolve(target)
        if new and not copied.cluster:
            fs.change(target, mode=node.mode & 0o7777)
        if "-p" in context.argv or "-a" in context.argv:
            fs.touch(fs.resolve(target), node.mtime)
    except OSError as error:
        verb = "cannot stat" if error.errno == errno.ENOENT and not fs.exists(source) else "cannot create regular file"
        context.err(f"cp: {verb} '{names[0] if 'stat' in verb else names[1]}': {error.strerror}\n")
        return 1
    return 0


@command("mv")
async def mv(context: Context) -> int:
    _, _, names = split(context, "fT")
    fs = context.machine.fs
    source, target = (absolute(context, name) for name in names[:2])
    try:
        if fs.is_dir(target) and "-T" not in context.argv:
            target = posixpath.join(target, posixpath.basename(source))
        fs.rename(source, target)
    except OSError as error:
        context.err(f"mv: cannot move '{names[0]}' to '{names[1]}': {error.strerror}\n")
        return 1
    return 0


@command("rm")
async def rm(context: Context) -> int:
    seen, _, names = split(context, "rRf")
    fs, status = context.machine.fs, 0
    for name in names:
        path = absolute(context, name)
        try:
            if seen & {"r", "R"} and fs.is_dir(path):
                _remove_tree(fs, path)
            else:
                fs.remove(path)
        except OSError as error:
            if not (error.errno == errno.ENOENT and "f" in seen):
                context.err(f"rm: cannot remove '{name}': {error.strerror}\n")
                status = 1
    return status


def _remove_tree(fs: FileSystem, path: str) -> None:
    for entry in fs.listdir(path):
        inner = posixpath.join(path, entry)
        if fs.resolve(inner, follow=False).kind == "dir":
            _remove_tree(fs, inner)
        else:
            fs.remove(inner)
    fs.rmdir(path)


@command("rmdir")
async def rmdir(context: Context) -> int:
    _, _, names = split(context, "")
    try:
        for name in names:
            context.machine.fs.rmdir(absolute(context, name))
    except OSError as error:
        context.err(f"rmdir: failed to remove '{names[0]}': {error.strerror}\n")
        return 1
    return 0


@command("mkdir")
async def mkdir(context: Context) -> int:
    seen, values, names = split(context, "pv", "m")
    for name in names:
        path = absolute(context, name)
        try:
            if not (context.machine.fs.is_dir(path) and "p" in seen):
                context.machine.fs.mkdir(path, int(values.get("m", "755"), 8), parents="p" in seen)
        except OSError as error:
            context.err(f"mkdir: cannot create directory ‘{name}’: {error.strerror}\n")
            return 1
    return 0


@command("mktemp")
async def mktemp(context: Context) -> int:
    seen, _, names = split(context, "d")
    template = names[0] if names else "/tmp/tmp.XXXXXXXXXX"
    unique = hashlib.sha256(f"{context.machine.clock.elapsed()}{template}".encode()).hexdigest()
    path = absolute(context, re.sub(r"X{3,}$", lambda match: unique[: len(match[0])], template))
    if "d" in seen:
        context.machine.fs.mkdir(path, 0o700)
    else:
        context.machine.fs.write(path, b"", mode=0o600)
    context.out(f"{path}\n")
    return 0


@command("ln")
async def ln(context: Context) -> int:
    seen, _, names = split(context, "sfn")
    if "s" not in seen:
        return refuse(context, "hard links")
    try:
        context.machine.fs.symlink(names[0], absolute(context, names[1]))
    except OSError as error:
        context.err(f"ln: failed to create symbolic link '{names[1]}': {error.strerror}\n")
        return 1
    return 0


@command("readlink", "realpath")
async def readlink(context: Context) -> int:
    seen, _, names = split(context, "fe")
    fs = context.machine.fs
    for name in names:
        path = absolute(context, name)
        try:
            if "f" in seen or context.argv[0] == "realpath":
                context.out(f"{fs.realpath(path)}\n")
            else:
                node = fs.resolve(path, follow=False)
                if node.kind != "link":
                    return 1
                context.out(f"{node.target}\n")
        except OSError:
            return 1
    return 0


@command("stat")
async def stat(context: Context) -> int:
    seen, values, names = split(context, "L", "c")
    fs, status = context.machine.fs, 0
    for name in names:
        try:
            node = fs.resolve(absolute(context, name), follow="L" in seen)
        except OSError as error:
            context.err(f"stat: cannot statx '{name}': {error.strerror}\n")
            status = 1
            continue
        fields = {
            "n": name,
            "s": str(size_of(node)),
            "a": f"{node.mode:o}",
            "A": mode_text(node),
            "U": USERS.get(node.uid, str(node.uid)),
            "G": USERS.get(node.gid, str(node.gid)),
            "u": str(node.uid),
            "g": str(node.gid),
            "Y": str(int(node.mtime)),
            "i": str(node.ino),
        }
        template = values.get("c", "%n %s %a")
        unknown = set(re.findall(r"%(.)", template)) - set(fields)
        if unknown:
            return refuse(context, f"%{unknown.pop()}")
        context.out(re.sub(r"%(.)", lambda match: fields[match[1]], template) + "\n")  # noqa: B023
    return status


@command("find")
async def find(context: Context) -> int:
    """find FOLDER... [-type f|d|l] [-name PATTERN]"""
    from practice.shell.pattern import compiled

    words = context.argv[1:]
    places: list[str] = []
    while words and not words[0].startswith("-"):
        places.append(words.pop(0))
    wanted = {"f": "file", "d": "dir", "l": "link"}
    kind, name = None, None
    while words:
        option, value, words = words[0], words[1] if len(words) > 1 else "", words[2:]
        if option == "-type" and value in wanted:
            kind = wanted[value]
        elif option == "-name":
            name = value
        else:
            return refuse(context, option)
    for place in places or ["."]:
        for path, node in _walk(context.machine.fs, absolute(context, place), place):
            base = posixpath.basename(path)
            if (kind is None or node.kind == kind) and (name is None or compiled(name).fullmatch(base)):
                context.out(f"{path}\n")
    return 0


def _walk(fs: FileSystem, real: str, shown: str) -> list[tuple[str, Node]]:
    node = fs.resolve(real, follow=False)
    found = [(shown, node)]
    if node.kind == "dir":
        for entry in fs.listdir(real):
            found += _walk(fs, posixpath.join(real, entry), posixpath.join(shown, entry))
    return found


@command("sha256sum", "md5sum", "sha512sum", "sha1sum")
async def checksum(context: Context) -> int:
    algorithm = context.argv[0].removesuffix("sum")
    _, _, names = split(context, "b")
    status = 0
    async for name, data in inputs(context, names):
        if data is None:
            status = 1
        else:
            context.out(f"{hashlib.new(algorithm, data).hexdigest()}  {name}\n")
    return status


@command("openssl")
async def openssl(context: Context) -> int:
    """openssl dgst -sha256 -r, from standard input."""
    if context.argv[1:] != ["dgst", "-sha256", "-r"]:
        return refuse(context, " ".join(context.argv[1:]))
    digest = hashlib.sha256()
    while block := await context.stdin.read(1 << 16):
        digest.update(block)
    context.out(f"{digest.hexdigest()} *stdin\n")
    return 0


@command("base64")
async def base64(context: Context) -> int:
    seen, values, names = split(context, "di", "w")
    async for _, data in inputs(context, names):
        if data is None:
            return 1
        if "d" in seen:
            context.stdout.write(codec.b64decode(data))
        elif values.get("w") == "0":
            context.stdout.write(codec.b64encode(data))
        else:
            encoded = codec.b64encode(data).decode()
            context.out("".join(f"{encoded[at : at + 76]}\n" for at in range(0, len(encoded), 76)))
    return 0


@command("sync", "fstrim")
async def sync(context: Context) -> int:
    for name in context.argv[1:]:
        if not name.startswith("-") and not context.machine.fs.exists(absolute(context, name)):
            context.err(f"sync: error opening '{name}': No such file or directory\n")
            return 1
    return 0


@command("basename", "dirname")
async def names(context: Context) -> int:
    function = getattr(posixpath, context.argv[0])
    context.out(f"{function(context.argv[1].rstrip('/')) or '.'}\n")
    return 0


@command("df")
async def df(context: Context) -> int:
    split(context, "k")
    fs = context.machine.fs
    used = fs.total - fs.free
    context.out("Filesystem     1K-blocks     Used Available Use% Mounted on\n")
    percent = 100 * used // fs.total
    context.out(f"/dev/root      {fs.total >> 10} {used >> 10} {fs.free >> 10} {percent}% /\n")
    return 0
