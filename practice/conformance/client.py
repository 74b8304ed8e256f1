"""One HTTPS request to a practice host, and its answer as it came."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from practice.host import Access

SECONDS = 20


@dataclass
class Answer:
    """`status` None: the server closed the connection without an answer."""

    status: int | None
    reason: str
    body: Any


@lru_cache(4)
def _context(ca: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)


def send(access: Access, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    """One request over verified TLS on a connection of its own."""
    context = _context(str(access.ca))
    connection = http.client.HTTPSConnection(access.host, access.api_port, context=context, timeout=SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        raw = answer.read()
    except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError):
        # Which of them depends on how much of the request was out when the server closed.
        return Answer(None, "", None)
    finally:
        connection.close()
    try:
        decoded = json.loads(raw)
    except ValueError:
        decoded = {"_raw": raw.decode("utf-8", "replace")}
    # http.client decodes the reason phrase as latin-1.
    return Answer(answer.status, answer.reason.encode("latin-1").decode("utf-8", "replace"), decoded)


def multipart(values: dict[str, str], name: str, size: int = 65536) -> tuple[bytes, str]:
    """(body, content type): the fields first, then a file of zeros; its name in UTF-8 as browsers send it."""
    head = "--XX\r\nContent-Disposition: form-data"
    parts = [f'{head}; name="{key}"\r\n\r\n{value}\r\n' for key, value in values.items()]
    parts.append(f'{head}; name="filename"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n')
    return "".join(parts).encode() + bytes(size) + b"\r\n--XX--\r\n", "multipart/form-data; boundary=XX"
