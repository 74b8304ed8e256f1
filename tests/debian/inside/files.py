"""The real file system behind the interface of `practice.files.FileSystem`."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from practice.clock import Clock
from practice.files import FileSystem, Guard, Node, fail

KINDS = {stat.S_IFDIR: "dir", stat.S_IFLNK: "link", stat.S_IFCHR: "char"}


class RealFiles(FileSystem):
    """Files below `root` ("" for the whole system). Who may do what is the kernel's business."""

    def __init__(self, clock: Clock, root: str = "") -> None:
        self._real_root = root
        super().__init__(clock)

    @property
    def free(self) -> int:
        found = os.statvfs(self._real_root or "/")
        return found.f_bavail * found.f_frsize

    @free.setter
    def free(self, value: int) -> None:
        """The disk's own space counts."""

    @property
    def total(self) -> int:
        found = os.statvfs(self._real_root or "/")
        return found.f_blocks * found.f_frsize

    @total.setter
    def total(self, value: int) -> None:
        """As `free`."""

    def guard(self, prefix: str, guard: Guard) -> None:
        """Nothing here asks before a change: /etc/pve is a plain folder."""

    def dynamic(
        self, path: str, reader: Callable[[], bytes], writer: Callable[[bytes], None] | None = None, mode: int = 0o444
    ) -> None:
        """A file that is computed at each read cannot be had without a file system of our own: written once."""
        self.put(path, reader(), mode)

    def resolve(self, path: str, follow: bool = True) -> Node:
        found = self._at(path).stat() if follow else self._at(path).lstat()
        kind = KINDS.get(stat.S_IFMT(found.st_mode), "file")
        node = Node(kind, stat.S_IMODE(found.st_mode), found.st_ino, found.st_mtime, found.st_uid, found.st_gid)  # type: ignore[arg-type]
        node.blob = _Size(found.st_size) if kind == "file" else None  # type: ignore[assignment]
        return node

    def realpath(self, path: str) -> str:
        return str(self._at(path).resolve(strict=True)).removeprefix(self._real_root)

    def demand(self, node: Node, wanted: int, path: str) -> None:
        """The kernel asks."""

    def read(self, path: str) -> bytes:
        return self._at(path).read_bytes()

    def exists(self, path: str) -> bool:
        return self._at(path).exists()

    def is_dir(self, path: str) -> bool:
        return self._at(path).is_dir()

    def write(self, path: str, data: bytes | str, *, append: bool = False, mode: int | None = None) -> None:
        raw = data.encode() if isinstance(data, str) else data
        with self._at(path).open("ab" if append else "wb") as file:
            file.write(raw)
        if mode is not None:
            self._at(path).chmod(mode)

    def put(self, path: str, data: bytes | str, mode: int = 0o644) -> None:
        self._at(path).parent.mkdir(parents=True, exist_ok=True)
        self.write(path, data, mode=mode)

    def listdir(self, path: str) -> list[str]:
        return sorted(entry.name for entry in self._at(path).iterdir())

    def mkdir(self, path: str, mode: int = 0o755, parents: bool = False) -> None:
        self._at(path).mkdir(mode, parents=parents, exist_ok=parents)

    def symlink(self, target: str, path: str) -> None:
        self._at(path).symlink_to(target)

    def link(self, target: str, path: str) -> None:
        self._at(path).parent.mkdir(parents=True, exist_ok=True)
        self._at(path).unlink(missing_ok=True)
        self.symlink(target, path)

    def remove(self, path: str) -> None:
        self._at(path).unlink()

    def rmdir(self, path: str) -> None:
        self._at(path).rmdir()

    def clear(self, path: str) -> None:
        if self._real_root in ("", "/"):
            raise fail(errno.EPERM, path)
        shutil.rmtree(self._at(path), ignore_errors=True)

    def rename(self, old: str, new: str) -> None:
        self._at(old).replace(self._at(new))

    def change(self, path: str, *, mode: int | None = None, uid: int | None = None, gid: int | None = None) -> None:
        if mode is not None:
            self._at(path).chmod(mode)
        os.chown(self._at(path), -1 if uid is None else uid, -1 if gid is None else gid)

    def touch(self, node: Node, when: float | None = None) -> None:
        """The kernel keeps the times."""

    def close(self) -> None:
        """Nothing is held."""

    def _at(self, path: str) -> Path:
        return Path(f"{self._real_root}{path}")


class _Size:
    """Stands where a file's content would be: only its size is asked for."""

    def __init__(self, size: int) -> None:
        self.size = size
