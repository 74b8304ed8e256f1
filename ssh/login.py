"""Login to the Proxmox API: by ticket with PVE's two-step TFA, renewed in time, or by token."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from requests.auth import AuthBase

from ssh.errors import ApiLoginRefused, ApiRefused, SecondFactorNeeded
from ssh.secret import Secret

RENEW_AFTER = 3600.0
"""Seconds; a ticket lives for two hours (facts: pve.md 3.1)."""

OnCode = Callable[[], Secret]

OnPassword = Callable[[str], Secret]
"""Called with the API user whose password is not known or was refused; an empty one where nobody knows it."""


@dataclass(frozen=True)
class Account:
    """Who logs in: `user` like root@pam; `token_id` like root@pam!name, or "" for a ticket by password."""

    host: str
    user: str
    password: Secret
    token_id: str = ""
    token_secret: Secret = field(default=Secret(""))


class TokenAuth(AuthBase):
    """Signs requests with an API token."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        secret = self._account.token_secret.unmask()
        request.headers["Authorization"] = f"PVEAPIToken={self._account.token_id}={secret}"
        return request


class TicketAuth(AuthBase):
    """Signs requests with a ticket; everything but GET needs the CSRF token too (facts: pve.md 3.1)."""

    def __init__(self, session: requests.Session, base: str, account: Account, on_code: OnCode | None) -> None:
        """Logs in. Raises `ApiLoginRefused`, `SecondFactorNeeded`, `ApiRefused`, and what requests raises."""
        self._session = session
        self._url = f"{base}/access/ticket"
        self._account = account
        answer = self._post(account.password)
        if answer.get("NeedTFA"):
            answer = self._second_step(answer, on_code)
        self._take(answer)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if time.monotonic() - self._born > RENEW_AFTER:
            # The old ticket is the password of the new one; no second factor is asked for (facts: pve.md 3.1).
            self._take(self._post(self._ticket))
        request.headers["Cookie"] = f"PVEAuthCookie={self._ticket.unmask()}"
        if request.method != "GET":
            request.headers["CSRFPreventionToken"] = self._csrf.unmask()
        return request

    def _take(self, answer: dict[str, object]) -> None:
        self._ticket = Secret(str(answer.get("ticket", "")))
        self._csrf = Secret(str(answer.get("CSRFPreventionToken", "")))
        self._born = time.monotonic()

    def _second_step(self, first: dict[str, object], on_code: OnCode | None) -> dict[str, object]:
        code = on_code() if on_code is not None else Secret("")
        if not code:
            raise SecondFactorNeeded(host=self._account.host, user=self._account.user)
        try:
            return self._post(Secret(f"totp:{code.unmask()}"), {"tfa-challenge": str(first["ticket"])})
        except ApiLoginRefused as error:
            raise SecondFactorNeeded(host=self._account.host, user=self._account.user) from error

    def _post(self, password: Secret, more: dict[str, str] | None = None) -> dict[str, object]:
        data = {"username": self._account.user, "password": password.unmask(), **(more or {})}
        # An auth that does nothing: the session's own is this one.
        response = self._session.post(self._url, data=data, auth=lambda request: request)
        if response.status_code == requests.codes.unauthorized:
            raise ApiLoginRefused(host=self._account.host, user=self._account.user)
        refused = {"method": "POST", "path": "access/ticket", "status": str(response.status_code)}
        if not response.ok:
            raise ApiRefused(response.reason, **refused)
        answer = response.json().get("data")
        if not isinstance(answer, dict):
            raise ApiRefused("no ticket", **refused)
        return answer
