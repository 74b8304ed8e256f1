"""The content of a file: in memory while small, in a temporary file of the workstation when it grows."""

from __future__ import annotations

import tempfile
from typing import IO

SPILL = 1 << 20


class Blob:
    """Random access bytes; `close` deletes a temporary file."""

    def __init__(self, data: bytes = b"") -> None:
        self._memory = bytearray(data)
        self._file: IO[bytes] | None = None
        self._size = len(data)

    @property
    def size(self) -> int:
        return self._size

    def read(self) -> bytes:
        return self.read_at(0, self._size)

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on; -1: to the end."""
        size = self._size if size < 0 else size
        if self._file is None:
            return bytes(self._memory[offset : offset + size])
        self._file.seek(offset)
        return self._file.read(size)

    def write_at(self, offset: int, data: bytes) -> None:
        """Write; a gap before `offset` is filled with zeros."""
        end = offset + len(data)
        if self._file is None and end > SPILL:
            self._spill()
        if self._file is None:
            if offset > self._size:
                self._memory += bytes(offset - self._size)
            self._memory[offset:end] = data
        else:
            self._file.seek(offset)
            self._file.write(data)
        self._size = max(self._size, end)

    def truncate(self, size: int) -> None:
        if size > self._size:
            self.write_at(size - 1, b"\0")
        elif self._file is None:
            del self._memory[size:]
        else:
            self._file.truncate(size)
        self._size = size

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self._size = 0

    def __del__(self) -> None:
        # A removed file stays readable while it is open, so the last reader ends it.
        self.close()

    def _spill(self) -> None:
        # The file lives as long as the blob; `close` ends it.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._file.write(self._memory)
        self._memory = bytearray()
