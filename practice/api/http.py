"""HTTP as pve-http-server speaks it: h11 on asyncio streams (facts: pve.md 3.1)."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import h11

from practice.pve.errors import PveError

BLOCK = 1 << 16
IDLE = 60.0
LINGER = 2.0
"""Real seconds for a sender who has been refused in the middle of a body."""
MOST_BODY = 64 << 10
MOST_BODY_84 = 512 << 10


@dataclass
class Request:
    """`fields` are query and body together; repeated keys are lists."""

    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: urllib.parse.unquote(value) for name, _, value in pairs if name}


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def event(self) -> Any:
        """The next h11 event; raises EOFError at the end of the connection."""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                data = await asyncio.wait_for(self._reader.read(BLOCK), IDLE)
                self._http.receive_data(data)
                continue
            return event

    async def answer(self, status: int, reason: str, body: bytes, close: bool) -> None:
        headers = [
            ("Cache-Control", "max-age=0"),
            ("Connection", "close" if close else "Keep-Alive"),
            ("Server", "pve-api-daemon/3.0"),
            ("Content-Length", str(len(body))),
        ]
        if body:
            headers.append(("Content-Type", "application/json;charset=UTF-8"))
        first = reason.split("\n")[0].encode("utf-8", "replace")
        self._writer.write(self._http.send(h11.Response(status_code=status, reason=first, headers=headers)) or b"")
        if body:
            self._writer.write(self._http.send(h11.Data(data=body)) or b"")
        self._writer.write(self._http.send(h11.EndOfMessage()) or b"")
        await self._writer.drain()

    def next_cycle(self) -> bool:
        """Whether the connection stays open for another request."""
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            return True
        return False

    async def linger(self) -> None:
        """Read on what is still being sent, so that the sender gets to the answer before the connection goes."""
        if self._http.their_state is h11.SEND_BODY:
            try:
                async with asyncio.timeout(LINGER):
                    while await self._reader.read(BLOCK):
                        pass
            except TimeoutError:
                return

    async def body(self, limit: int = MOST_BODY) -> bytes:
        """The whole body of a call that is no upload. Raises 501 as PVE does for too much."""
        parts, size = [], 0
        while isinstance(event := await self.event(), h11.Data):
            size += len(event.data)
            if size > limit:
                raise PveError(501, "for data too large")
            parts.append(bytes(event.data))
        return b"".join(parts)


def refuse_chunks(request: Request) -> None:
    """A body must say how long it is. Raises 501."""
    if "transfer-encoding" in request.headers:
        raise PveError(501, "chunked transfer encoding not supported")


def read_head(event: h11.Request) -> Request:
    """Method, path, headers and query."""
    target = event.target.decode("ascii", "replace")
    path, _, query = target.partition("?")
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in event.headers}
    request = Request(event.method.decode(), urllib.parse.unquote(path), headers)
    _collect(request.fields, urllib.parse.parse_qsl(query, keep_blank_values=True))
    return request


def read_body(request: Request, body: bytes) -> None:
    """Form or JSON, merged into the fields."""
    if not body:
        return
    if request.method in ("GET", "DELETE"):
        raise PveError(501, f"Unexpected content for method '{request.method}'")
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            decoded = json.loads(body)
        except ValueError as error:
            raise PveError(400, f"unable to parse json: {error}") from None
        request.fields.update(decoded if isinstance(decoded, dict) else {})
    else:
        _collect(request.fields, urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _collect(fields: dict[str, Any], pairs: list[tuple[str, str]]) -> None:
    for name, value in pairs:
        if name in fields:
            known = fields[name]
            fields[name] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            fields[name] = value
