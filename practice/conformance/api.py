"""Replays recorded API calls: ids that our host chose take the place of the recorded ones in later requests."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from typing import Any

from practice.conformance import forms
from practice.conformance.client import Answer, multipart, send
from practice.conformance.recording import Exchange, Recording
from practice.conformance.scene import TOKEN
from practice.host import Access, PracticeHost

POLL = 0.02
NOBODY = "00000000-0000-0000-0000-000000000000"
WEB = re.compile(r"127\.0\.0\.1:\d+")
FORM = "application/x-www-form-urlencoded"


class ApiReplay:
    """One host and what is known about it so far."""

    def __init__(self, recording: Recording, host: PracticeHost, access: Access, web_port: int) -> None:
        self._recording = recording
        self._host = host
        self._access = access
        self._web_port = web_port
        self._names: dict[str, str] = {}
        self._half_ticket = ""
        self._secrets: dict[str, str] = {}
        self._iso_names: set[str] = set()

    def token(self, user: str, name: str, privsep: bool) -> None:
        """A token that the recorded host had from the beginning."""
        made = self._host.machine.pve.users.create_token(user, name, privsep, "")
        self._secrets[f"{user}!{name}"] = str(made["value"])

    def differences(self, exchange: Exchange, loose: bool) -> list[str]:
        """Ask, and compare with the recorded answer; a task is asked until it has ended."""
        answer = self._ask(exchange)
        body = exchange.response.get("body")
        self._learn(body, answer.body)
        found = []
        wanted = exchange.response.get("status"), forms.form(exchange.response.get("reason") or "")
        if wanted != (answer.status, forms.form(answer.reason)):
            found.append(f"{wanted[0]} {wanted[1]!r} is not {answer.status} {answer.reason!r}")
        return found + forms.differences(body, answer.body, loose)

    def _ask(self, exchange: Exchange) -> Answer:
        deadline = time.monotonic() + 30
        while True:
            answer = self._send(exchange)
            ended = isinstance(exchange.data, dict) and exchange.data.get("status") == "stopped"
            state = answer.body.get("data") if isinstance(answer.body, dict) else None
            running = isinstance(state, dict) and state.get("status") == "running" and "/tasks/" in exchange.path
            if not (running and ended) or time.monotonic() > deadline:
                return answer
            time.sleep(POLL)

    def _send(self, exchange: Exchange) -> Answer:
        asked = exchange.request
        headers = self._identity(exchange)
        path = urllib.parse.quote(self._ours(asked["path"]), safe="/:@!?=&")
        values = {key: self._ours(str(value)) for key, value in exchange.values.items()}
        self._login_values(exchange, values)
        if "multipart" in asked or asked["path"].endswith("/upload"):
            body, kind = multipart(values, self._file_name(exchange))
            return send(self._access, exchange.method, path, {**headers, "Content-Type": kind}, body)
        if exchange.method in ("GET", "DELETE"):
            path += f"?{urllib.parse.urlencode(values)}" if values else ""
            return send(self._access, exchange.method, path, headers)
        if asked.get("params") is None and "headers" in asked:
            # A body in JSON is not in the recording; the one call of that kind is a login.
            login = {"username": "root@pam", "password": self._access.password}
            return send(
                self._access, exchange.method, path, {**headers, **asked["headers"]}, json.dumps(login).encode()
            )
        encoded = urllib.parse.urlencode(values).encode()
        return send(self._access, exchange.method, path, {**headers, "Content-Type": FORM}, encoded)

    def _login_values(self, exchange: Exchange, values: dict[str, str]) -> None:
        """Passwords and tickets of our host in the place of the recorded ones."""
        if exchange.path != "/access/ticket":
            return
        name = values.get("username", "")
        granted = exchange.good and name == "root@pam" and "tfa-challenge" not in values
        if values.get("password", "").startswith("PVE:"):
            values["password"] = self._host.machine.pve.users.ticket(name)
        elif granted or name == "root":
            values["password"] = self._access.password
        if "tfa-challenge" in values:
            values["tfa-challenge"] = self._half_ticket

    def _identity(self, exchange: Exchange) -> dict[str, str]:
        """Headers of the caller that the recording names."""
        name, users = str(exchange.record["auth"]), self._host.machine.pve.users
        match = TOKEN.fullmatch(name)
        if match:
            full = f"{match['user']}!{match['name']}"
            return {"Authorization": f"PVEAPIToken={full}={self._secrets[full]}"}
        if name == "half ticket":
            return {"Cookie": f"PVEAuthCookie={urllib.parse.quote(self._half_ticket)}"}
        if name.startswith("ticket"):
            words = name.split()
            user = words[1] if len(words) > 1 and "@" in words[1] else "root@pam"
            cookie = {"Cookie": f"PVEAuthCookie={urllib.parse.quote(users.ticket(user))}"}
            return cookie if "without CSRF" in name else {**cookie, "CSRFPreventionToken": users.csrf(user)}
        existing = next(iter(self._secrets), "root@pam!t0")
        return {
            "badticket": {"Cookie": "PVEAuthCookie=PVE:root@pam:6B02AD44::bad"},
            "badtoken": {"Authorization": f"PVEAPIToken={existing}={NOBODY}"},
            "badtoken2": {"Authorization": f"PVEAPIToken=root@pam!nosuch={NOBODY}"},
            "malformed token": {"Authorization": "PVEAPIToken=root@pam"},
        }.get(name, {})

    def _file_name(self, exchange: Exchange) -> str:
        """The recording does not say how an uploaded file was called; what became of it does."""
        told = self._recording.task(str(exchange.data)) or "" if exchange.good else ""
        match = re.search(r"target file: \S*/([^/\s]+)", str(told))
        if match:
            self._iso_names.add(match[1])
            return match[1]
        if "wrong file extension" in exchange.text:
            return "wrong.rom"
        following = self._recording.exchanges[exchange.number :]
        if exchange.good and not told:
            for later in following:
                rows = later.data if later.path.endswith("/content") and isinstance(later.data, list) else []
                names = [str(row["volid"]).rpartition("/")[2] for row in rows if ":iso/" in str(row["volid"])]
                fresh = [name for name in names if name not in self._iso_names]
                if fresh:
                    return fresh[0]
        return "x.iso"

    def _ours(self, text: str) -> str:
        for recorded, ours in self._names.items():
            text = text.replace(recorded, ours)
        # A port where nothing listened stays one where nothing listens.
        return text if "127.0.0.1:9/" in text else WEB.sub(f"127.0.0.1:{self._web_port}", text)

    def _learn(self, recorded: Any, ours: Any) -> None:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            for key in recorded.keys() & ours.keys():
                self._learn(recorded[key], ours[key])
        elif isinstance(recorded, str) and isinstance(ours, str):
            both = recorded, ours
            if all(forms.UPID.fullmatch(text) for text in both) or all(forms.DIGEST.match(text) for text in both):
                self._names[recorded] = ours
            if ours.startswith("PVE:!tfa!"):
                self._half_ticket = ours


def absent_downloads(recording: Recording) -> frozenset[str]:
    """Names that the recorded web server did not have."""
    found = set()
    for exchange in recording.exchanges:
        asked = not exchange.is_command and exchange.path.endswith("/download-url") and exchange.good
        if asked and "404" in str(recording.task(str(exchange.data)) or ""):
            found.add(urllib.parse.urlsplit(str(exchange.values["url"])).path.lstrip("/"))
    return frozenset(found)
