"""The control socket of a practice host: HTTP on loopback, with a token, to set faults while it runs.

GET / shows the settings and the counters; PUT / with a JSON object replaces the settings; DELETE / ends all faults.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import h11

from practice.api.http import Request, Wire, read_head
from practice.faults import FaultError, Settings, parse

if TYPE_CHECKING:
    from practice.machine import Machine

MOST = 1 << 16


class ControlServer:
    """Listens for the person who serves the host; nothing of it belongs to the simulated machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.token = secrets.token_urlsafe(24)
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(reader, writer)
        try:
            event = await wire.event()
            if isinstance(event, h11.Request):
                status, reason, answer = await self._answer(wire, read_head(event))
                await wire.answer(status, reason, json.dumps(answer).encode(), True)
        except (ConnectionError, TimeoutError, EOFError, h11.RemoteProtocolError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _answer(self, wire: Wire, request: Request) -> tuple[int, str, Any]:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        body = await wire.body(MOST)
        if not hmac.compare_digest(given, self.token):
            return 401, "Unauthorized", {"error": "the token of `practice serve` is missing"}
        faults = self._machine.faults
        try:
            if request.method == "PUT":
                await faults.apply(parse(json.loads(body)))
            elif request.method == "DELETE":
                await faults.apply(Settings())
            elif request.method != "GET":
                return 405, "Method Not Allowed", {"error": request.method}
        except (FaultError, ValueError, TypeError, AttributeError) as error:
            return 400, "Bad Request", {"error": str(error)}
        counted = {"actions": faults.actions, "uploaded": faults.uploaded}
        return 200, "OK", {"faults": asdict(faults.settings), **counted}
