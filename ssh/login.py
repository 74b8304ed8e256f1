"""Login to the Proxmox API: a ticket with PVE's two-step TFA, over a session that verifies TLS first."""

from __future__ import annotations

from collections.abc import Callable

import requests

from ssh.errors import ApiRefused, AuthenticationFailed, ConnectionLost, SecondFactorNeeded, TlsNotVerified
from ssh.secret import Secret

TIMEOUT = 30.0
"""Seconds; pveproxy itself waits 30 s for pvedaemon, and a refused login takes 3 s (facts: pve.md 3.1)."""

OnCode = Callable[[], Secret]


def get_ticket(base: str, verify: str, login: str, password: Secret, on_code: OnCode | None) -> Secret:
    """POST access/ticket; where PVE asks for a second factor, `on_code` gives the TOTP code for the second call.

    Raises `TlsNotVerified`, `AuthenticationFailed`, `SecondFactorNeeded`, `ConnectionLost`, `ApiRefused`.
    """
    first = _post(base, verify, {"username": login, "password": password.unmask()}, login)
    if not first.get("NeedTFA"):
        return Secret(str(first["ticket"]))
    if on_code is None:
        raise SecondFactorNeeded(user=login)
    answer = {
        "username": login,
        "tfa-challenge": str(first["ticket"]),
        "password": f"totp:{on_code().unmask()}",
    }
    try:
        return Secret(str(_post(base, verify, answer, login)["ticket"]))
    except AuthenticationFailed as error:
        raise SecondFactorNeeded(user=login) from error


def _post(base: str, verify: str, data: dict[str, str], login: str) -> dict[str, object]:
    try:
        response = requests.post(f"{base}/access/ticket", data=data, verify=verify, timeout=TIMEOUT)
    except requests.exceptions.SSLError as error:
        raise TlsNotVerified(str(error), host=base) from None
    except requests.exceptions.RequestException as error:
        raise ConnectionLost(type(error).__name__, host=base, port="") from None
    if response.status_code == requests.codes.unauthorized:
        raise AuthenticationFailed(host=base, user=login)
    if not response.ok:
        raise ApiRefused(response.reason, method="POST", path="access/ticket", status=str(response.status_code))
    found = response.json().get("data")
    if not isinstance(found, dict):
        raise ApiRefused("no ticket", method="POST", path="access/ticket", status=str(response.status_code))
    return found
