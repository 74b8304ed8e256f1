"""The file system of the practice host: a tree in memory, with the errors of a real one."""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from practice.blob import Blob
from practice.clock import Clock
from practice.identity import ACTING, READ, SEARCH, STICKY, WRITE, acting, allowed, owns

Kind = Literal["file", "dir", "link", "char"]
MOST_LINKS = 40
INSTALLED = 20 << 30
"""Bytes that a fresh installation takes."""
MOST_CLUSTER = 1 << 20
CLUSTER_GROUP = 33
CLUSTER_MODES = {"file": 0o640, "dir": 0o755, "link": 0o755, "char": 0o640}


@dataclass
class Node:
    """One inode. A dynamic file has `reader` (its content at each read) and perhaps `writer`."""

    kind: Kind
    mode: int
    ino: int
    mtime: float
    uid: int = 0
    gid: int = 0
    blob: Blob | None = None
    children: dict[str, Node] = field(default_factory=dict)
    target: str = ""
    reader: Callable[[], bytes] | None = None
    writer: Callable[[bytes], None] | None = None
    cluster: bool = False
    """On pmxcfs: owner and mode are given, no file is larger than 1 MiB."""

    @property
    def size(self) -> int:
        if self.kind == "link":
            return 0 if self.cluster else len(self.target)
        return self.blob.size if self.blob is not None else 0

    def read(self) -> bytes:
        if self.reader is not None:
            return self.reader()
        return self.blob.read() if self.blob is not None else b""


Guard = Callable[[str, str], None]
"""Called with (operation, path) before a change below its prefix; raises OSError to refuse it."""


def fail(code: int, path: str) -> OSError:
    """The OSError subclass that belongs to an errno."""
    return OSError(code, os.strerror(code), path)


class FileSystem:
    """Paths are absolute POSIX strings. `free` is what is left on the disk, in bytes."""

    def __init__(self, clock: Clock, free: int = 40 << 30) -> None:
        self._clock = clock
        self._inodes = 1
        self.root = Node("dir", 0o755, 1, clock.now())
        self.total = free + INSTALLED
        self.free = free
        self._guards: list[tuple[str, Guard]] = []

    def guard(self, prefix: str, guard: Guard) -> None:
        """Have `guard` asked before anything below `prefix` is changed."""
        self._guards.append((prefix.rstrip("/"), guard))

    def resolve(self, path: str, follow: bool = True) -> Node:
        """The node at `path`. Raises FileNotFoundError, NotADirectoryError, or OSError(ELOOP)."""
        return self._walk(path, follow)[1]

    def realpath(self, path: str) -> str:
        """The path with all links resolved."""
        return self._walk(path, True)[0]

    def exists(self, path: str) -> bool:
        try:
            self.resolve(path)
        except OSError:
            return False
        return True

    def is_dir(self, path: str) -> bool:
        try:
            return self.resolve(path).kind == "dir"
        except OSError:
            return False

    def read(self, path: str) -> bytes:
        node = self.resolve(path)
        if node.kind == "dir":
            raise fail(errno.EISDIR, path)
        self.demand(node, READ, path)
        return node.read()

    def demand(self, node: Node, wanted: int, path: str) -> None:
        """Raises EACCES unless who acts may do that with the node."""
        if not allowed(node, wanted):
            raise fail(errno.EACCES, path)

    def may(self, path: str, wanted: int) -> bool:
        """Whether the node is there and who acts may do that with it."""
        try:
            return allowed(self.resolve(path), wanted)
        except OSError:
            return False

    def grow(self, node: Node, size: int, path: str) -> None:
        """Take the space for a file that will have `size` bytes. Raises ENOSPC and EFBIG."""
        if node.cluster and size > MOST_CLUSTER:
            raise fail(errno.EFBIG, path)
        grown = size - node.size
        if grown > self.free:
            raise fail(errno.ENOSPC, path)
        self.free -= grown

    def text(self, path: str, default: str = "") -> str:
        """A file as text; `default` where it does not exist."""
        return self.read(path).decode("utf-8", "replace") if self.exists(path) else default

    def write(self, path: str, data: bytes | str, *, append: bool = False, mode: int | None = None) -> None:
        """Create or replace a file (its folder must exist)."""
        raw = data.encode() if isinstance(data, str) else data
        node = self.open(path)
        if node.writer is not None:
            node.writer(raw)
            return
        if node.reader is not None:
            raise fail(errno.EACCES, path)
        blob = node.blob or Blob()
        self.grow(node, len(raw) + (blob.size if append else 0), path)
        if append:
            blob.write_at(blob.size, raw)
        else:
            blob.truncate(0)
            blob.write_at(0, raw)
        node.blob = blob
        node.mtime = self._clock.now()
        if mode is not None and not node.cluster:
            node.mode = mode

    def open(self, path: str, create: bool = True) -> Node:
        """The file node for writing; made where it does not exist and `create`."""
        self._ask("write", path)
        try:
            node = self.resolve(path)
        except FileNotFoundError:
            if not create:
                raise
            parent, name = self._parent(self._target(path))
            node = self._made(parent, name, "file", 0o644, path)
            node.blob = Blob()
            parent.mtime = self._clock.now()
        if node.kind == "dir":
            raise fail(errno.EISDIR, path)
        self.demand(node, WRITE, path)
        return node

    def put(self, path: str, data: bytes | str, mode: int = 0o644) -> None:
        """For building the tree: make the folders too, and ask no guard."""
        with self._building(path):
            self.write(path, data, mode=mode)

    def dynamic(
        self, path: str, reader: Callable[[], bytes], writer: Callable[[bytes], None] | None = None, mode: int = 0o444
    ) -> None:
        """A file that is computed at each read."""
        self.put(path, b"", mode)
        node = self.resolve(path)
        node.reader, node.writer = reader, writer

    def listdir(self, path: str) -> list[str]:
        node = self.resolve(path)
        if node.kind != "dir":
            raise fail(errno.ENOTDIR, path)
        self.demand(node, READ, path)
        return sorted(node.children)

    def mkdir(self, path: str, mode: int = 0o755, parents: bool = False) -> None:
        path = posixpath.normpath(path)
        if parents:
            if self.is_dir(path):
                return
            self.mkdir(posixpath.dirname(path), parents=True)
        self._ask("mkdir", path)
        parent, name = self._parent(path)
        if name in parent.children:
            raise fail(errno.EEXIST, path)
        self._made(parent, name, "dir", mode, path)

    def symlink(self, target: str, path: str) -> None:
        self._ask("symlink", path)
        parent, name = self._parent(path)
        if name in parent.children:
            raise fail(errno.EEXIST, path)
        self._made(parent, name, "link", 0o777, path).target = target

    def link(self, target: str, path: str) -> None:
        """For building the tree: a symbolic link with its folders, replacing what is there; asks no guard."""
        with self._building(path):
            parent, name = self._parent(path)
            parent.children.pop(name, None)
            self.symlink(target, path)

    def remove(self, path: str) -> None:
        self._ask("remove", path)
        parent, name = self._parent(path)
        node = parent.children.get(name)
        if node is None:
            raise fail(errno.ENOENT, path)
        if node.kind == "dir":
            raise fail(errno.EISDIR, path)
        self._leaving(parent, node, path)
        self._forget(node)
        del parent.children[name]

    def rmdir(self, path: str) -> None:
        self._ask("rmdir", path)
        parent, name = self._parent(path)
        node = parent.children.get(name)
        if node is None:
            raise fail(errno.ENOENT, path)
        if node.kind != "dir":
            raise fail(errno.ENOTDIR, path)
        if node.children:
            raise fail(errno.ENOTEMPTY, path)
        self._leaving(parent, node, path)
        del parent.children[name]

    def clear(self, path: str) -> None:
        """For building the tree: forget everything at and below `path`."""
        try:
            parent, name = self._parent(path)
        except FileNotFoundError:
            return
        node = parent.children.pop(name, None)
        for inner in _below(node) if node else ():
            self._forget(inner)

    def rename(self, old: str, new: str) -> None:
        """Replace `new` atomically, as rename(2) does."""
        self._ask("rename", old)
        self._ask("rename", new)
        source, old_name = self._parent(old)
        sink, new_name = self._parent(new)
        node = source.children.get(old_name)
        if node is None:
            raise fail(errno.ENOENT, old)
        there = sink.children.get(new_name)
        if there is not None and there.kind == "dir" and (node.kind != "dir" or there.children):
            raise fail(errno.EISDIR if node.kind != "dir" else errno.ENOTEMPTY, new)
        self._leaving(source, node, old)
        self._leaving(sink, there or node, new)
        if there is node:
            return
        if there is not None:
            self._forget(there)
        del source.children[old_name]
        sink.children[new_name] = node

    def change(self, path: str, *, mode: int | None = None, uid: int | None = None, gid: int | None = None) -> None:
        """chmod and chown."""
        self._ask("chmod" if mode is not None else "chown", path)
        node = self.resolve(path)
        given = mode in (None, node.mode) and uid in (None, 0) and gid in (None, CLUSTER_GROUP)
        if not owns(node) or (uid not in (None, node.uid) and ACTING.get()) or (node.cluster and not given):
            raise fail(errno.EPERM, path)
        node.mode = node.mode if mode is None else mode
        node.uid = node.uid if uid is None else uid
        node.gid = node.gid if gid is None else gid

    def touch(self, node: Node, when: float | None = None) -> None:
        """Set the time of the last change (now by default)."""
        node.mtime = self._clock.now() if when is None else when

    def close(self) -> None:
        """Delete all temporary files."""
        for node in _below(self.root):
            if node.blob is not None:
                node.blob.close()

    @contextmanager
    def _building(self, path: str) -> Iterator[None]:
        """As root, with all folders there, and no guard asked."""
        guards, self._guards = self._guards, []
        try:
            with acting(0):
                self.mkdir(posixpath.dirname(path), parents=True)
                yield
        finally:
            self._guards = guards

    def _made(self, parent: Node, name: str, kind: Kind, mode: int, path: str) -> Node:
        """A new node in a folder, owned by who acts."""
        self.demand(parent, WRITE | SEARCH, path)
        self._inodes += 1
        node = parent.children[name] = Node(kind, mode, self._inodes, self._clock.now(), ACTING.get(), ACTING.get())
        if parent.cluster:
            node.cluster, node.gid, node.mode = True, CLUSTER_GROUP, CLUSTER_MODES[kind]
        return node

    def _leaving(self, parent: Node, node: Node, path: str) -> None:
        """Raises EACCES, or EPERM in a sticky folder, where who acts may not take the name away."""
        self.demand(parent, WRITE | SEARCH, path)
        if parent.mode & STICKY and not owns(node) and not owns(parent):
            raise fail(errno.EPERM, path)

    def _forget(self, node: Node) -> None:
        """Count the space of a node without a name as free; who still has it open may go on using it."""
        if node.blob is not None:
            self.free += node.blob.size

    def _ask(self, operation: str, path: str) -> None:
        for prefix, guard in self._guards:
            if path == prefix or path.startswith(f"{prefix}/"):
                guard(operation, path)

    def _parent(self, path: str) -> tuple[Node, str]:
        folder, name = posixpath.split(posixpath.normpath(path))
        if not name:
            raise fail(errno.EBUSY, path)
        node = self.resolve(folder)
        if node.kind != "dir":
            raise fail(errno.ENOTDIR, path)
        return node, name

    def _target(self, path: str) -> str:
        """Where a new file really goes when `path` is a dangling link."""
        parent, name = self._parent(path)
        node = parent.children.get(name)
        if node is not None and node.kind == "link":
            return posixpath.join(posixpath.dirname(path), node.target)
        return path

    def _walk(self, path: str, follow: bool) -> tuple[str, Node]:
        parts = [part for part in path.split("/") if part and part != "."]
        done: list[tuple[str, Node]] = []
        node, links = self.root, 0
        while parts:
            part = parts.pop(0)
            if node.kind != "dir":
                raise fail(errno.ENOTDIR, path)
            if part == "..":
                node = done.pop()[1] if done else self.root
                continue
            self.demand(node, SEARCH, path)
            child = node.children.get(part)
            if child is None:
                raise fail(errno.ENOENT, path)
            if child.kind == "link" and (parts or follow):
                links += 1
                if links > MOST_LINKS:
                    raise fail(errno.ELOOP, path)
                if child.target.startswith("/"):
                    done, node = [], self.root
                parts = [piece for piece in child.target.split("/") if piece and piece != "."] + parts
                continue
            done.append((part, node))
            node = child
        return "/" + "/".join(name for name, _ in done), node


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children.values():
        yield from _below(child)
