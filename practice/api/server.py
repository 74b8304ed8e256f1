"""The API server: TLS on loopback, authentication, dispatch, error bodies per version."""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h11

from practice.api import (
    calls_access,
    calls_agent,
    calls_cluster,
    calls_console,
    calls_host,
    calls_node,
    calls_qemu,
    calls_snapshots,
    calls_storage,
)
from practice.api.certificates import Certificates, generate
from practice.api.http import MOST_BODY, MOST_BODY_84, Request, Wire, read_body, read_head, refuse_chunks
from practice.api.routes import Call, dispatch, find
from practice.api.upload import receive
from practice.faults import Settings
from practice.pve.errors import PveError
from practice.pve.users import NOBODY, Caller

if TYPE_CHECKING:
    from practice.machine import Machine

CALLS = (
    calls_access,
    calls_agent,
    calls_cluster,
    calls_console,
    calls_host,
    calls_node,
    calls_qemu,
    calls_snapshots,
    calls_storage,
)
"""Importing them registers their routes."""

BASE = "/api2/"
OPEN = ("/access/ticket", "/access/domains")
UPLOAD = "Datastore.AllocateTemplate"
DELAY = 3.0
"""Host seconds before every 401 (facts: pve-behaviour.md section 5)."""


class ApiServer:
    """Listens on loopback; goes away and comes back with the machine."""

    def __init__(self, machine: Machine, certificates: Certificates, port: int = 0) -> None:
        self.machine = machine
        self.port = port
        self._tls = _context(certificates)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self.machine.api_port = self.port
        return self.port

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def going_down(self) -> None:
        self.machine.pve.tasks.end_all()
        await self.stop()

    async def coming_up(self) -> None:
        await self.start()

    async def fault(self, before: Settings, now: Settings) -> None:
        """Another CA and certificate, as after a new installation on the same address."""
        if now.api_certificate_changed and not before.api_certificate_changed:
            self._tls = _context(generate(self.machine.node))
            if self._server is not None:
                await self.stop()
                await self.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        wire = Wire(reader, writer)
        try:
            while True:
                event = await wire.event()
                if not isinstance(event, h11.Request):
                    return
                if not await self._one(wire, read_head(event)) or not wire.next_cycle():
                    return
        except (ConnectionError, TimeoutError, EOFError, ssl.SSLError, h11.RemoteProtocolError):
            return
        except asyncio.CancelledError:
            # The host ends; asyncio would report the cancelled connection as an error.
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one(self, wire: Wire, request: Request) -> bool:
        """Answer one request; whether the connection stays open."""
        try:
            status, reason, body = 200, "OK", await self._call(wire, request)
        except PveError as error:
            if error.status == 401:
                await self.machine.clock.sleep(DELAY)
            status, reason, body = error.status, error.reason, self._error_body(error)
        close = status >= 400
        await wire.answer(status, reason, body, close)
        if close:
            await wire.linger()
        return not close

    async def _call(self, wire: Wire, request: Request) -> bytes:
        path = request.path.removeprefix(BASE)
        kind, _, path = path.partition("/")
        if not request.path.startswith(BASE) or kind not in ("json", "extjs"):
            raise PveError(501, f"Method '{request.method} {request.path}' not implemented")
        is_upload = path.endswith("/upload") and request.method == "POST"
        caller = self._authenticate(request, f"/{path}".rstrip("/"), is_upload)
        refuse_chunks(request)
        self.machine.faults.action()
        if is_upload:
            self._may_upload(caller, path)
            await receive(wire, request, self.machine)
        else:
            limit = MOST_BODY_84 if self.machine.pve.release >= (8, 4) else MOST_BODY
            read_body(request, await wire.body(limit))
        find(request.method, path, self.machine.pve.release)
        call = Call(self.machine.pve, caller, request.fields)
        data = await dispatch(request.method, path, call)
        return json.dumps({"data": data, **call.extra}, ensure_ascii=False).encode()

    def _may_upload(self, caller: Caller, path: str) -> None:
        """Asked before the body is read. Until 8.2 the connection is just closed (facts: pve-behaviour.md 5)."""
        area = f"/storage/{path.strip('/').split('/')[-2]}"
        if not caller.may(area, UPLOAD):
            if self.machine.pve.release < (8, 4):
                raise ConnectionAbortedError
            raise PveError(403, f"Permission check failed ({area}, {UPLOAD})", bare=True)

    def _authenticate(self, request: Request, path: str, is_upload: bool) -> Caller:
        if path in OPEN and request.method in ("GET", "POST"):
            return NOBODY
        users = self.machine.pve.users
        authorization = request.headers.get("authorization", "")
        if authorization.startswith("PVEAPIToken="):
            return users.by_token(authorization.removeprefix("PVEAPIToken="))
        ticket = request.cookies.get("PVEAuthCookie") or authorization.removeprefix("PVEAuthCookie=")
        if not ticket:
            raise PveError(401, "No ticket", bare=True)
        writing = request.method != "GET" and not is_upload
        return users.by_ticket(ticket, request.headers.get("csrfpreventiontoken"), writing)

    def _error_body(self, error: PveError) -> bytes:
        """8.2 has the text in the reason phrase only; 8.4 and later in the body too."""
        if error.bare:
            return b""
        body: dict[str, Any] = {"data": None}
        if error.errors:
            body["errors"] = error.errors
        if self.machine.pve.release >= (8, 4):
            body["message"] = error.reason if error.status == 501 else f"{error.reason}\n"
        return json.dumps(body, ensure_ascii=False).encode()


def _context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # ssl loads only from files; this one is readable by its owner alone and gone at once.
    with tempfile.TemporaryDirectory(prefix="pve-igpu-practice-") as folder:
        path = Path(folder) / "key.pem"
        path.touch(mode=0o600)
        path.write_bytes(certificates.certificate + certificates.key)
        context.load_cert_chain(path)
    return context
