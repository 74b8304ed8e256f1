"""The content of a file: in memory while small, in a temporary file of the workstation when it grows."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

SPILL = 1 << 20


class Blob:
    """Random access bytes; `close` deletes a temporary file."""

    def __init__(self, data: bytes = b"") -> None:
        self._file = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=SPILL))  # noqa: SIM115 (lives as the node)
        self._size = 0
        self.write_at(0, data)

    @property
    def size(self) -> int:
        return self._size

    def read(self) -> bytes:
        return self.read_at(0, self._size)

    def read_at(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)

    def write_at(self, offset: int, data: bytes) -> None:
        """Write; a gap before `offset` is filled with zeros."""
        if offset > self._size:
            self._file.seek(self._size)
            self._file.write(b"\0" * (offset - self._size))
        self._file.seek(offset)
        self._file.write(data)
        self._size = max(self._size, offset + len(data))

    def truncate(self, size: int) -> None:
        if size > self._size:
            self.write_at(size - 1, b"\0")
        else:
            self._file.truncate(size)
            self._size = size

    def close(self) -> None:
        self._file.close()
