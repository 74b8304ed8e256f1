"""Replays recorded exchanges with a real Proxmox VE against the practice host and compares them by form.

Ids, times and sizes differ between two hosts; status, reason phrase, keys, types and texts must not.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

from practice.host import Access

UPID = re.compile(r"UPID:[\w-]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:]*:[^:]*:[^:]*:")
DIGEST = re.compile(r"^[0-9a-f]{40}$")
FORMS = (
    (UPID, "UPID"),
    (re.compile(r"pveupload-[0-9a-f]+"), "pveupload-X"),
    (re.compile(r"tmp_dwnl\.\d+"), "tmp_dwnl.X"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\([\d.]+ [KMG]?B/s\)|[\d.]+[KMG]=[\d.]+s"), "SPEED"),
)
FILE_NAMES = {
    "upload iso": "virtio-win-0.1.248.iso",
    "upload iso again same name": "virtio-win-0.1.248.iso",
    "upload iso sha256 ok": "Win10.iso",
    "upload iso wrong ext": "n100.rom",
    "upload spaces in name": "Win 10 (x64) 中文.iso",
}
"""The recordings do not say them; later exchanges do."""

FREE_TEXT = {
    "value",
    "ticket",
    "CSRFPreventionToken",
    "digest",
    "meta",
    "smbios1",
    "vmgenid",
    "net0",
    "cert",
    "ssl_fingerprint",
    "model",
    "flags",
    "mhz",
    "address",
    "cidr",
    "kversion",
    "content",
    "name_of",
}
"""Fields whose text belongs to one host: only their type is compared."""


@dataclass
class Answer:
    status: int | None
    reason: str
    body: Any


@dataclass
class Replay:
    """One host; what it answered takes the place of what was recorded in later requests."""

    access: Access
    web_port: int
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    half_ticket: str = ""

    def exchange(self, record: dict[str, Any]) -> Answer:
        """Send the recorded request in our words; a task's state is asked until it has ended."""
        while True:
            answer = self._send(record)
            running = isinstance(answer.body, dict) and isinstance(answer.body.get("data"), dict)
            if not (running and record["label"].endswith("(task status)")):
                break
            if answer.body["data"].get("status") != "running":
                break
            time.sleep(0.02)
        self._learn(record["response"].get("body"), answer.body)
        return answer

    def _send(self, record: dict[str, Any]) -> Answer:
        asked = record["request"]
        headers = self.cookies.get(record["auth"], {})
        path = urllib.parse.quote(self._ours(asked["path"]), safe="/:@!?=&")
        values = {key: self._ours(str(value)) for key, value in (asked.get("params") or {}).items()}
        if values.get("password", "").startswith("PVE:"):
            values["password"] = urllib.parse.unquote(self.cookies["ticket"]["Cookie"].partition("=")[2])
        if "tfa-challenge" in values:
            values["tfa-challenge"] = self.half_ticket
        body: bytes | None = None
        if "multipart" in asked or asked["path"].endswith("/upload"):
            body, kind = _multipart(values, FILE_NAMES.get(record["label"], "x.iso"))
            headers = {**headers, "Content-Type": kind}
        elif asked["method"] in ("GET", "DELETE"):
            path += f"?{urllib.parse.urlencode(values)}" if values else ""
        elif "headers" in asked:
            body = json.dumps({"username": "root@pam", "password": self.access.password}).encode()
            headers = {**headers, **asked["headers"]}
        else:
            body = urllib.parse.urlencode(values).encode()
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        return send(self.access, asked["method"], path, headers, body)

    def _ours(self, text: str) -> str:
        text = text.replace("127.0.0.1:8999", f"127.0.0.1:{self.web_port}").replace("proxmox1", self.access.password)
        for recorded, ours in self.names.items():
            text = text.replace(recorded, ours)
        return text

    def _learn(self, recorded: Any, ours: Any) -> None:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            for key in recorded.keys() & ours.keys():
                self._learn(recorded[key], ours[key])
        elif isinstance(recorded, str) and isinstance(ours, str):
            if (UPID.fullmatch(recorded) and UPID.fullmatch(ours)) or (DIGEST.match(recorded) and DIGEST.match(ours)):
                self.names[recorded] = ours
            if ours.startswith("PVE:!tfa!"):
                self.half_ticket = ours


def send(access: Access, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    """One request over verified TLS on a connection of its own."""
    context = ssl.create_default_context(cafile=str(access.ca))
    connection = http.client.HTTPSConnection(access.host, access.api_port, context=context, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        raw = answer.read()
    except (http.client.RemoteDisconnected, ConnectionError):
        return Answer(None, "", None)
    finally:
        connection.close()
    try:
        decoded = json.loads(raw)
    except ValueError:
        decoded = {"_raw": raw.decode("utf-8", "replace")}
    # http.client decodes the reason phrase as latin-1.
    return Answer(answer.status, answer.reason.encode("latin-1").decode("utf-8", "replace"), decoded)


def differences(recorded: Any, ours: Any, place: str = "") -> list[str]:
    """Where two bodies differ in form; lists are compared without order, by their elements' forms."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        found = [f"{place}.{key} missing" for key in sorted(recorded.keys() - ours.keys())]
        found += [f"{place}.{key} too much" for key in sorted(ours.keys() - recorded.keys())]
        for key in sorted(recorded.keys() & ours.keys()):
            found += differences(recorded[key], ours[key], f"{place}.{key}")
        return found
    if isinstance(recorded, list) and isinstance(ours, list):
        return _lists(recorded, ours, place)
    if type(recorded) is not type(ours) and not _numbers(recorded, ours):
        return [f"{place}: {recorded!r} is not {ours!r}"]
    if isinstance(recorded, str) and place.rpartition(".")[2] not in FREE_TEXT and form(recorded) != form(ours):
        return [f"{place}: {recorded!r} is not {ours!r}"]
    return []


def form(text: str) -> str:
    for pattern, name in FORMS:
        text = pattern.sub(name, text)
    return text


def _lists(recorded: list[Any], ours: list[Any], place: str) -> list[str]:
    if place.endswith(".data") and recorded and isinstance(recorded[0], dict) and "t" in recorded[0]:
        wanted = [form(str(row["t"])) for row in sorted(recorded, key=lambda row: int(row["n"]))]
        said = [form(str(row.get("t"))) for row in ours]
        return [] if wanted == said else [f"{place}: {wanted} is not {said}"]
    keys = ("id", "iface", "volid", "storage", "key", "name", "tokenid", "vmid", "realm", "Package")
    for key in keys:
        if all(isinstance(row, dict) and key in row for row in [*recorded, *ours]) and [*recorded, *ours]:
            named = {str(row[key]): row for row in recorded}, {str(row[key]): row for row in ours}
            return differences(*named, place)
    return [] if len(recorded) == len(ours) else [f"{place}: {len(recorded)} elements are not {len(ours)}"]


def _numbers(one: Any, other: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))


def _multipart(values: dict[str, str], name: str) -> tuple[bytes, str]:
    """The fields first, then the file of zeros; the name in UTF-8 as browsers send it."""
    head = "--XX\r\nContent-Disposition: form-data"
    parts = [f'{head}; name="{key}"\r\n\r\n{value}\r\n' for key, value in values.items()]
    parts.append(f'{head}; name="filename"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n')
    return "".join(parts).encode() + bytes(65536) + b"\r\n--XX--\r\n", "multipart/form-data; boundary=XX"
