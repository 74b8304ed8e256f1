"""SFTP on the practice host's files."""

from __future__ import annotations

import errno
import posixpath
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import asyncssh
from asyncssh import SFTPAttrs, SFTPName

from practice.faults import Dropped
from practice.files import Node
from practice.identity import READ, acting, uid_of

if TYPE_CHECKING:
    from practice.machine import Machine

T = TypeVar("T")
OPERATIONS = (
    "realpath",
    "stat",
    "lstat",
    "open",
    "setstat",
    "remove",
    "mkdir",
    "rmdir",
    "rename",
    "posix_rename",
    "readlink",
    "symlink",
    "fsetstat",
)
LOOKS = ("realpath", "stat", "lstat", "readlink")
"""Operations that are no remote action by themselves."""

_KINDS = {"file": 0o100000, "dir": 0o040000, "link": 0o120000, "char": 0o020000}


class Handle:
    """An open file: writes go to the inode, whatever happens to its name."""

    def __init__(self, node: Node, path: str, append: bool) -> None:
        self.node = node
        self.path = path
        self.append = append


class HostFiles(asyncssh.SFTPServer):
    """Paths are those of the practice host; errors are its OSErrors, which asyncssh maps to SFTP's."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], machine: Machine) -> None:
        super().__init__(channel)
        self._files = machine.fs
        self._faults = machine.faults
        self._user = str(channel.get_extra_info("username"))
        for name in OPERATIONS:
            setattr(self, name, self._as_user(getattr(self, name)))

    def _as_user(self, operation: Callable[..., T]) -> Callable[..., T]:
        """Every operation is that of who logged in."""

        def run(*arguments: object) -> T:
            if operation.__name__ not in LOOKS:
                self._unless_dropped(self._faults.action)
            with acting(uid_of(self._user)):
                return operation(*arguments)

        return run

    def _unless_dropped(self, count: Callable[..., None], *arguments: int) -> None:
        """A fault may break the connection here."""
        try:
            count(*arguments)
        except Dropped:
            self.channel.get_connection().abort()
            raise

    def exit(self) -> None:
        """scp takes a channel without an exit status for a failure."""
        self.channel.exit(0)

    def _path(self, path: bytes) -> str:
        home = "/root" if self._user == "root" else f"/home/{self._user}"
        return posixpath.normpath(posixpath.join(home, path.decode("utf-8", "surrogateescape")))

    def realpath(self, path: bytes) -> bytes:
        full = self._path(path)
        try:
            return self._files.realpath(full).encode()
        except OSError:
            return full.encode()

    def stat(self, path: bytes) -> SFTPAttrs:
        return _attributes(self._files.resolve(self._path(path)))

    def lstat(self, path: bytes) -> SFTPAttrs:
        return _attributes(self._files.resolve(self._path(path), follow=False))

    def fstat(self, file_obj: object) -> SFTPAttrs:
        return _attributes(_handle(file_obj).node)

    async def scandir(self, path: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN201
        full = self._path(path)
        with acting(uid_of(self._user)):
            names = [".", "..", *self._files.listdir(full)]
        for name in names:
            node = self._files.resolve(posixpath.join(full, name), follow=name in (".", ".."))
            attributes = _attributes(node)
            when = time.strftime("%b %e %H:%M", time.gmtime(node.mtime))
            long = f"{attributes.permissions:o} 1 root root {attributes.size} {when} {name}"
            yield SFTPName(name.encode(), long.encode(), attributes)

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        full = self._path(path)
        writing = bool(pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND))
        if not writing:
            node = self._files.resolve(full)
            if node.kind == "dir":
                raise OSError(errno.EISDIR, "Is a directory", full)
            self._files.demand(node, READ, full)
            return Handle(node, full, False)
        if pflags & asyncssh.FXF_EXCL and self._files.exists(full):
            raise FileExistsError(errno.EEXIST, "File exists", full)
        node = self._files.open(full, create=bool(pflags & asyncssh.FXF_CREAT))
        if pflags & asyncssh.FXF_TRUNC:
            self._files.write(full, b"")
        if attrs.permissions is not None and not node.cluster:
            node.mode = attrs.permissions & 0o7777
        return Handle(node, full, bool(pflags & asyncssh.FXF_APPEND))

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        return (
            _handle(file_obj).node.read()[offset : offset + size] if _small(file_obj) else _read(file_obj, offset, size)
        )

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        self._unless_dropped(self._faults.upload, len(data))
        handle = _handle(file_obj)
        node = handle.node
        if node.writer is not None or node.blob is None:
            self._files.write(handle.path, data)
            return len(data)
        self._files.grow(node, max(offset + len(data), node.blob.size), handle.path)
        node.blob.write_at(node.blob.size if handle.append else offset, data)
        self._files.touch(node)
        return len(data)

    def close(self, file_obj: object) -> None:
        return

    def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        full = self._path(path)
        mode = None if attrs.permissions is None else attrs.permissions & 0o7777
        if mode is not None:
            self._files.change(full, mode=mode)
        if attrs.uid is not None:
            self._files.change(full, uid=attrs.uid, gid=attrs.gid)
        if attrs.mtime is not None:
            self._files.touch(self._files.resolve(full), float(attrs.mtime))

    def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        self.setstat(_handle(file_obj).path.encode(), attrs)

    def remove(self, path: bytes) -> None:
        self._files.remove(self._path(path))

    def mkdir(self, path: bytes, attrs: SFTPAttrs) -> None:
        self._files.mkdir(self._path(path), (attrs.permissions or 0o755) & 0o7777)

    def rmdir(self, path: bytes) -> None:
        self._files.rmdir(self._path(path))

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self._files.exists(self._path(newpath)):
            raise FileExistsError(errno.EEXIST, "File exists", self._path(newpath))
        self._files.rename(self._path(oldpath), self._path(newpath))

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._files.rename(self._path(oldpath), self._path(newpath))

    def readlink(self, path: bytes) -> bytes:
        node = self._files.resolve(self._path(path), follow=False)
        if node.kind != "link":
            raise OSError(errno.EINVAL, "Invalid argument")
        return node.target.encode()

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        self._files.symlink(oldpath.decode(), self._path(newpath))


def _handle(file_obj: object) -> Handle:
    if not isinstance(file_obj, Handle):
        raise OSError(errno.EBADF, "Bad file descriptor")
    return file_obj


def _small(file_obj: object) -> bool:
    return _handle(file_obj).node.reader is not None


def _read(file_obj: object, offset: int, size: int) -> bytes:
    blob = _handle(file_obj).node.blob
    return b"" if blob is None else blob.read_at(offset, size)


def _attributes(node: Node) -> SFTPAttrs:
    # Like /proc, a computed file shows size 0; it is read to its end all the same.
    return SFTPAttrs(
        size=node.size,
        uid=node.uid,
        gid=node.gid,
        permissions=_KINDS[node.kind] | node.mode,
        atime=int(node.mtime),
        mtime=int(node.mtime),
    )
