"""A tiny stand-in for pveproxy: TLS, scripted answers, and a memory of what it was sent."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Sent:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, list[str]]


@dataclass
class Answer:
    """Status, reason phrase (UTF-8) and body; `cut` closes the connection instead."""

    data: Any = None
    status: int = 200
    reason: str = "OK"
    body: str | None = None
    cut: bool = False


Handler = Callable[[Sent], Answer]


@dataclass
class PveProxy:
    """`routes` by "METHOD path"; a list is used up, its last answer stays."""

    folder: Path
    routes: dict[str, list[Answer] | Handler] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    port: int = 0

    def certificate(self, name: str) -> Path:
        """A new self-signed certificate with its key, as a file of two blocks."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=9))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(f"{name}.example.org")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = self.folder / f"{name}.pem"
        path.write_bytes(made.public_bytes(pem) + secret)
        return path

    def serve(self, certificate: Path) -> None:
        """Listen (on the same port as before where there was one) and show this certificate."""
        proxy = self

        class Bound(_Handler):
            owner = proxy

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server = _Server(("127.0.0.1", self.port), Bound)
        self._server.context = context
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def answer(self, sent: Sent) -> Answer:
        self.sent.append(sent)
        route = self.routes.get(f"{sent.method} {sent.path}")
        if route is None:
            return Answer(status=501, reason=f"Method '{sent.method} {sent.path}' not implemented")
        if callable(route):
            return route(sent)
        return route.pop(0) if len(route) > 1 else route[0]

    def paths(self) -> list[str]:
        return [f"{sent.method} {sent.path}" for sent in self.sent]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(20)
        try:
            with self.context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
        except OSError:
            # The client did not like the certificate, or is gone.
            return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: PveProxy

    def _handle(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        fields = parse_qs(url.query or body, keep_blank_values=True)
        path = url.path.removeprefix("/api2/json/")
        answer = self.owner.answer(Sent(self.command, path, dict(self.headers), fields))
        if answer.cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        data = (json.dumps({"data": answer.data}) if answer.body is None else answer.body).encode()
        self.send_response(answer.status, answer.reason.encode().decode("latin-1"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def log_message(self, *args: Any) -> None:
        """Say nothing."""
