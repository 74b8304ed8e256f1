"""Who is calling: tickets, CSRF, tokens, and what they may do (facts: pve.md 2, 3.1, 3.2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from practice.pve.errors import PveError, invalid

if TYPE_CHECKING:
    from practice.machine import Machine

LIFETIME = 7200
ROOT = "root@pam"


@dataclass(frozen=True)
class Caller:
    """`name` is user@realm, or user@realm!token: then every test for root@pam fails."""

    name: str
    privileges: bool = True

    @property
    def is_root(self) -> bool:
        return self.name == ROOT

    def require_root(self, text: str) -> None:
        if not self.is_root:
            raise PveError(500, text)


@dataclass
class Token:
    secret: str
    privsep: bool
    comment: str = ""


class Users:
    """Logins of the API. Users of the machine are in realm pam."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._key = secrets.token_bytes(32)
        self.tokens: dict[str, Token] = {}

    def login(self, username: str, password: str, challenge: str = "") -> dict[str, Any]:
        """POST access/ticket. Raises 401 authentication failure."""
        user, _, realm = username.rpartition("@")
        code = str(self._machine.scenario.get("totp", ""))
        if challenge:
            if not self._valid_ticket(challenge.replace("!tfa!", ""), half=True) or password != f"totp:{code}":
                raise PveError(401, "authentication failure")
            return self._granted(username)
        renewed = self._valid_ticket(password) == username
        if not renewed and (realm != "pam" or self._machine.users.get(user) != password or not password):
            raise PveError(401, "authentication failure")
        if code and not renewed:
            half = self.ticket(username).replace("PVE:", "PVE:!tfa!", 1)
            return {**self._granted(username), "ticket": half, "NeedTFA": 1}
        return self._granted(username)

    def ticket(self, username: str) -> str:
        stamp = f"{int(self._machine.clock.now()):08X}"
        signature = base64.b64encode(self._sign(f"PVE:{username}:{stamp}")).decode()
        return f"PVE:{username}:{stamp}::{signature}"

    def csrf(self, username: str) -> str:
        stamp = f"{int(self._machine.clock.now()):08X}"
        return f"{stamp}:{base64.b64encode(self._sign(f'{stamp}:{username}')).decode()}"

    def by_ticket(self, ticket: str, csrf: str | None, writing: bool) -> Caller:
        """The caller of a cookie. Raises PVE's 401s."""
        name = self._valid_ticket(ticket)
        if not name:
            raise PveError(401, "permission denied - invalid PVE ticket")
        if writing:
            stamp, _, signature = (csrf or "").partition(":")
            good = base64.b64encode(self._sign(f"{stamp}:{name}")).decode()
            if not hmac.compare_digest(signature, good):
                raise PveError(401, "Permission denied - invalid csrf token")
        return Caller(name)

    def by_token(self, text: str) -> Caller:
        """The caller of an Authorization header: USER@REALM!NAME=SECRET."""
        name, _, secret = text.partition("=")
        if "!" not in name:
            raise PveError(401, "no tokenid specified")
        token = self.tokens.get(name)
        if token is None:
            user, _, identity = name.partition("!")
            raise PveError(401, f"no such token '{identity}' for user '{user}'")
        if not hmac.compare_digest(token.secret, secret):
            raise PveError(401, "invalid token value!")
        return Caller(name, privileges=not token.privsep)

    def create_token(self, user: str, identity: str, privsep: bool, comment: str) -> dict[str, Any]:
        name = f"{user}!{identity}"
        if name in self.tokens:
            raise invalid(tokenid="Token already exists.")
        self.tokens[name] = Token(str(uuid.uuid4()), privsep, comment)
        info = {"privsep": int(privsep), **({"comment": comment} if comment else {})}
        return {"full-tokenid": name, "value": self.tokens[name].secret, "info": info}

    def delete_token(self, user: str, identity: str) -> None:
        if self.tokens.pop(f"{user}!{identity}", None) is None:
            raise PveError(500, f"no such token '{identity}' for user '{user}'")

    def _granted(self, username: str) -> dict[str, Any]:
        return {
            "username": username,
            "ticket": self.ticket(username),
            "CSRFPreventionToken": self.csrf(username),
            "cap": {"vms": {"VM.Allocate": 1}, "nodes": {"Sys.Audit": 1}, "dc": {}, "storage": {}, "access": {}},
        }

    def _valid_ticket(self, ticket: str, half: bool = False) -> str:
        """The user name of a valid ticket, else ""."""
        plain, sign, signature = ticket.partition("::")
        parts = plain.split(":")
        if not sign or len(parts) != 3 or parts[0] != "PVE" or parts[1].startswith("!tfa!"):
            return ""
        if not hmac.compare_digest(signature, base64.b64encode(self._sign(plain)).decode()):
            return ""
        try:
            age = self._machine.clock.now() - int(parts[2], 16)
        except ValueError:
            return ""
        return parts[1] if -300 <= age <= LIFETIME else ""

    def _sign(self, text: str) -> bytes:
        return hmac.new(self._key, text.encode(), hashlib.sha256).digest()
