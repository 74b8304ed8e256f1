"""Multipart uploads, spooled to the host's /var/tmp while they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h11
from python_multipart.multipart import MultipartParser, parse_options_header

from practice.api.http import Request, Wire
from practice.pve.errors import PveError

if TYPE_CHECKING:
    from practice.machine import Machine


class Spool:
    """Takes the parts of one upload: text fields into `fields`, the file part into a file of the host."""

    def __init__(self, machine: Machine, boundary: bytes) -> None:
        self.fields: dict[str, Any] = {}
        self._machine = machine
        self._header = b""
        self._value = b""
        self._name = ""
        self._disposition = b""
        self._is_file = False
        self.path = f"/var/tmp/pveupload-{machine.clock.elapsed():.6f}".replace(".", "")
        self.parser = MultipartParser(
            boundary,
            {
                "on_header_field": self._on_field,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": self._on_end,
            },
        )

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if self._is_file:
            self.fields["filename"] = options[b"filename"].decode("utf-8", "replace")
            self.fields["tmpfilename"] = self.path
            self._machine.fs.write(self.path, b"")
        else:
            self.fields[self._name] = ""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._machine.fs.write(self.path, data[start:end], append=True)
        else:
            self.fields[self._name] += data[start:end].decode("utf-8", "replace")

    def _on_end(self) -> None:
        self._is_file = False


async def receive(wire: Wire, request: Request, machine: Machine) -> None:
    """Read the body of an upload into `request.fields` and the host's disk."""
    if "content-length" not in request.headers:
        raise PveError(501, "chunked transfer encoding not supported")
    _, options = parse_options_header(request.headers["content-type"].encode())
    spool = Spool(machine, options.get(b"boundary", b""))
    while isinstance(event := await wire.event(), h11.Data):
        machine.faults.upload(len(event.data))
        try:
            spool.parser.write(bytes(event.data))
        except OSError as error:
            raise PveError(501, f"upload failed: {error.strerror}") from None
    request.fields.update(spool.fields)
