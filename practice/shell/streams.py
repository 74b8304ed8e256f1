"""Streams between commands: bounded pipes, captured output, files, and nothing."""

from __future__ import annotations

import asyncio
import errno
import os

from practice.files import FileSystem, Node
from practice.identity import READ

LIMIT = 1 << 18
"""Bytes a pipe holds before its writer has to wait."""


class Pipe:
    """A bounded byte pipe: both `Reader` and `Writer`. Without a reader, writing raises BrokenPipeError."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._changed = asyncio.Event()
        self._ended = False
        self._abandoned = False

    def write(self, data: bytes) -> None:
        if self._abandoned:
            raise BrokenPipeError
        self._buffer += data
        self._changed.set()

    async def drain(self) -> None:
        while len(self._buffer) > LIMIT and not self._abandoned:
            await self._wait()
        if self._abandoned:
            raise BrokenPipeError

    def close(self) -> None:
        """The writer is done."""
        self._ended = True
        self._changed.set()

    def abandon(self) -> None:
        """The reader is done."""
        self._abandoned = True
        self._changed.set()

    async def read(self, size: int = -1) -> bytes:
        if size < 0:
            # In pieces: reading everything must not leave the writer waiting for room.
            parts = []
            while part := await self.read(LIMIT):
                parts.append(part)
            return b"".join(parts)
        while not self._ended and not self._buffer:
            await self._wait()
        taken = bytes(self._buffer[:size])
        del self._buffer[: len(taken)]
        self._changed.set()
        return taken

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class Source:
    """Bytes that are all there already."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = memoryview(data)

    async def read(self, size: int = -1) -> bytes:
        taken = bytes(self._data if size < 0 else self._data[:size])
        self._data = self._data[len(taken) :]
        return taken


class FileReader:
    """A file of the host, read piece by piece. Raises OSError where it cannot be opened."""

    def __init__(self, files: FileSystem, path: str) -> None:
        self._path = path
        self._node = files.resolve(path)
        files.demand(self._node, READ, path)
        # A computed file must not change under its reader.
        computed = self._node.reader is not None or self._node.blob is None
        self._computed = Source(self._node.read()) if computed else None
        self._place = 0

    async def read(self, size: int = -1) -> bytes:
        if self._node.kind == "dir":
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), self._path)
        if self._computed is not None or self._node.blob is None:
            return await self._computed.read(size) if self._computed is not None else b""
        await asyncio.sleep(0)
        taken = self._node.blob.read_at(self._place, size)
        self._place += len(taken)
        return taken


class Capture:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        self.data += data

    async def drain(self) -> None:
        return


class Null:
    """/dev/null."""

    def write(self, data: bytes) -> None:
        return

    async def drain(self) -> None:
        return


class FileWriter:
    """Writes into a file of the host; `append` or from the start (truncated). A new file gets 0666 less `umask`."""

    def __init__(self, files: FileSystem, path: str, append: bool, umask: int = 0o022) -> None:
        self._files = files
        self._path = path
        new = not files.exists(path)
        node = files.open(path)
        if new and not node.cluster:
            node.mode = 0o666 & ~umask
        if node.writer is None and node.reader is None and not append:
            files.write(path, b"")
        self._node: Node = files.resolve(path)

    def write(self, data: bytes) -> None:
        if self._node.blob is not None and self._node.writer is None:
            # The file stays the same inode even when its name is taken by another one meanwhile.
            self._files.grow(self._node, self._node.blob.size + len(data), self._path)
            self._node.blob.write_at(self._node.blob.size, data)
            self._files.touch(self._node)
        else:
            self._files.write(self._path, data)

    async def drain(self) -> None:
        await asyncio.sleep(0)
