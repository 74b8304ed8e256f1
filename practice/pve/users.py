"""Who is calling: tickets, CSRF, tokens, and what they may do (facts: pve.md 2, 3.1, 3.2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from practice.igd import numbers
from practice.pve.access import Grants, capabilities
from practice.pve.errors import PveError, invalid

if TYPE_CHECKING:
    from practice.machine import Machine

LIFETIME = 7200
ROOT = "root@pam"


Rights = Callable[[str], frozenset[str] | None]
"""The privileges at a path; None: every one."""


def _all(path: str) -> None:
    return None


def _none(path: str) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True)
class Caller:
    """`name` is user@realm, or user@realm!token: then every test for root@pam fails."""

    name: str
    rights: Rights = _all

    def may(self, path: str, privileges: str) -> bool:
        """Whether it has one of the privileges (joined by "|") at `path`."""
        has = self.rights(path)
        return has is None or not has.isdisjoint(privileges.split("|"))

    @property
    def is_root(self) -> bool:
        return self.name == ROOT


NOBODY = Caller("", _none)


@dataclass
class Token:
    secret: str
    privsep: bool
    comment: str = ""


class Users:
    """Logins of the API. Users of the machine are in realm pam."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.key = secrets.token_bytes(32)
        """Signs the tickets."""
        self.tokens: dict[str, Token] = {}
        self.grants = Grants(int(str(machine.scenario.get("pve.release", "8")).split(".")[0]))
        self.passwords: dict[str, str] = {}
        """Of users in realm pve, by userid."""
        self.comments: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        """The code of those who have a second factor, by userid."""
        if code := str(machine.scenario.get("totp", "")):
            self.codes[ROOT] = code

    def login(self, username: str, password: str, challenge: str = "") -> dict[str, Any]:
        """POST access/ticket. Raises 401 authentication failure."""
        if challenge:
            good = self._valid_half(challenge, username) and password == f"totp:{self.codes.get(username)}"
            if not good:
                raise PveError(401, "authentication failure")
            return self._granted(username)
        renewed = self._valid_ticket(password) == username
        if not renewed and not self._password_fits(username, password):
            raise PveError(401, "authentication failure")
        if username in self.codes and not renewed:
            granted = {**self._granted(username), "ticket": self._half_ticket(username), "NeedTFA": 1}
            granted.pop("cap")
            return granted
        return self._granted(username)

    def create(self, userid: str, password: str) -> None:
        """A user of realm pve."""
        if userid in self.passwords or userid == ROOT:
            raise PveError(500, f"create user failed: user '{userid}' already exists")
        self.passwords[userid] = password

    def delete(self, userid: str) -> None:
        """The user with tokens and grants."""
        if self.passwords.pop(userid, None) is None:
            raise PveError(500, f"no such user ('{userid}')")
        self.tokens = {name: token for name, token in self.tokens.items() if not name.startswith(f"{userid}!")}
        self.codes.pop(userid, None)
        self.comments.pop(userid, None)
        self.grants.forget([userid, *(key[1] for key in self.grants.entries if key[1].startswith(f"{userid}!"))])

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
            raise self._refused("permission denied - invalid PVE ticket")
        if writing:
            stamp, _, signature = (csrf or "").partition(":")
            good = base64.b64encode(self._sign(f"{stamp}:{name}")).decode()
            if not hmac.compare_digest(signature, good):
                raise PveError(401, "Permission denied - invalid csrf token", bare=True)
        return Caller(name, self.rights(name))

    def by_token(self, text: str) -> Caller:
        """The caller of an Authorization header: USER@REALM!NAME=SECRET."""
        name, _, secret = text.partition("=")
        if "!" not in name:
            raise self._refused("no tokenid specified")
        token = self.tokens.get(name)
        if token is None:
            user, _, identity = name.partition("!")
            raise self._refused(f"no such token '{identity}' for user '{user}'")
        if not hmac.compare_digest(token.secret, secret):
            raise self._refused("invalid token value!")
        return Caller(name, self.rights(name))

    def rights(self, name: str) -> Rights:
        """Of a user or token; a separated token has what both itself and its user have."""
        user = name.partition("!")[0]
        owner: Rights = _all if user == ROOT else lambda path: self.grants.at(user, path)
        if "!" not in name or not self.tokens[name].privsep:
            return owner

        def both(path: str) -> frozenset[str]:
            mine, theirs = self.grants.at(name, path), owner(path)
            return mine if theirs is None else mine & theirs

        return both

    def create_token(self, user: str, identity: str, privsep: bool, comment: str) -> dict[str, Any]:
        name = f"{user}!{identity}"
        if name in self.tokens:
            raise invalid(tokenid="Token already exists.")
        self.tokens[name] = Token(str(uuid.uuid4()), privsep, comment)
        info = {"privsep": str(int(privsep)), **({"comment": comment} if comment else {})}
        return {"full-tokenid": name, "value": self.tokens[name].secret, "info": info}

    def delete_token(self, user: str, identity: str) -> None:
        if self.tokens.pop(f"{user}!{identity}", None) is None:
            raise PveError(500, f"no such token '{identity}' for user '{user}'")

    def _granted(self, username: str) -> dict[str, Any]:
        return {
            "username": username,
            "ticket": self.ticket(username),
            "CSRFPreventionToken": self.csrf(username),
            "cap": self._capabilities(username),
        }

    def _capabilities(self, userid: str) -> dict[str, dict[str, int]]:
        """The listed privileges that the user has at the place that each area stands for."""
        has, found = self.rights(userid), {}
        for area, names in capabilities(self.grants.major).items():
            mine = has("/" if area == "dc" else f"/{area}")
            kept = {name: 1 for name in names if mine is None or name in mine}
            if kept:
                found[area] = kept
        return found

    def _password_fits(self, username: str, password: str) -> bool:
        user, _, realm = username.rpartition("@")
        known = self._machine.users.get(user) if realm == "pam" else self.passwords.get(username)
        return bool(password) and known == password

    def _refused(self, text: str) -> PveError:
        """A ticket or token that does not count. Newer releases say the same of all (facts: pve.md 3.1)."""
        manager = numbers(str(self._machine.scenario.get("pve.manager")))
        silent = manager >= (9, 1, 5) or (8, 4, 21) <= manager < (9,)
        return PveError(401, "Authentication failed!" if silent else text, bare=True)

    def _half_ticket(self, username: str) -> str:
        plain = f'PVE:!tfa!{{"totp"%3Atrue}}:{int(self._machine.clock.now()):08X}'
        return f"{plain}::{base64.b64encode(self._sign(f'{plain}:{username}')).decode()}"

    def _valid_half(self, ticket: str, username: str) -> bool:
        plain, _, signature = ticket.partition("::")
        good = base64.b64encode(self._sign(f"{plain}:{username}")).decode()
        return plain.startswith("PVE:!tfa!") and hmac.compare_digest(signature, good)

    def _valid_ticket(self, ticket: str) -> str:
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

    def signature(self, text: str) -> str:
        """Of a ticket for something else than the API."""
        return base64.b64encode(self._sign(text)).decode()

    def _sign(self, text: str) -> bytes:
        return hmac.new(self.key, text.encode(), hashlib.sha256).digest()
