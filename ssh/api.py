"""The Proxmox API of one host, through proxmoxer, behind a pinned certificate."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import requests
from proxmoxer.backends.https import JsonSerializer
from proxmoxer.core import ProxmoxResource, ResourceException

from ssh.connection import Secrets
from ssh.errors import (
    ApiLoginRefused,
    ApiRefused,
    AuthenticationFailed,
    CommandTimeout,
    ConnectionLost,
    TaskFailed,
    TlsNotVerified,
)
from ssh.login import Account, OnCode, OnPassword, TicketAuth, TokenAuth
from ssh.profiles import Profile
from ssh.result import CancelToken, LineSink
from ssh.secret import Secret
from ssh.trust import Certificate, open_session, read_certificate
from ssh.tunnel import Tunnel

if TYPE_CHECKING:
    from ssh.host import SshHost

POLL = 0.5
LOG_LINES = 500
"""Lines of a task's log per request."""

QUOTED_LINES = 6
"""Last lines of a task's log in its error."""


class ProxmoxApi:
    """Fulfils `guide.host.Api`. The certificate is known before anything is sent."""

    def __init__(
        self,
        host: SshHost,
        profile: Profile,
        secrets: Secrets,
        on_code: OnCode | None = None,
        on_password: OnPassword | None = None,
    ) -> None:
        # proxmoxer logs request data, passwords included, at INFO.
        logging.getLogger("proxmoxer").setLevel(logging.ERROR)
        self._host = host
        self._profile = profile
        self._account = Account(
            host.address,
            profile.login,
            secrets.api_password or secrets.password,
            profile.api_token_id,
            secrets.token_secret,
        )
        self._on_code = on_code
        self._on_password = on_password
        self._tunnel: Tunnel | None = None
        self._certificate: Certificate | None = None
        self._session: requests.Session | None = None
        self._client: ProxmoxResource | None = None
        self._node = profile.node

    @property
    def node(self) -> str:
        if not self._node:
            # PVE's node name is the host name without a domain.
            self._node = self._host.run(["hostname"]).stdout.strip().partition(".")[0]
        return self._node

    @property
    def is_root_ticket(self) -> bool:
        return not self._account.token_id and self._account.user == "root@pam"

    def get(self, path: str, **params: Any) -> Any:
        return self._call("get", path, params)

    def post(self, path: str, **params: Any) -> Any:
        return self._call("post", path, params)

    def put(self, path: str, **params: Any) -> Any:
        return self._call("put", path, params)

    def delete(self, path: str, **params: Any) -> Any:
        return self._call("delete", path, params)

    def wait_task(
        self, upid: str, on_line: LineSink | None = None, cancel: CancelToken | None = None, timeout: float = 600
    ) -> str:
        """See `guide.host.Api.wait_task`."""
        token = cancel or CancelToken()
        lines, end = list[str](), time.monotonic() + timeout
        while True:
            # The status first: where the task has ended, the log that follows is the whole of it.
            status = self.get(f"nodes/{self.node}/tasks/{upid}/status")
            self._follow_log(upid, lines, on_line)
            if status.get("status") == "stopped":
                break
            if time.monotonic() > end:
                raise CommandTimeout(command=str(status.get("type", upid)), seconds=str(round(timeout)))
            token.wait(POLL)
        outcome = str(status.get("exitstatus", ""))
        if outcome == "OK" or outcome.startswith("WARNINGS"):
            return outcome
        raise TaskFailed("\n".join([*lines[-QUOTED_LINES:], outcome]), upid=upid, kind=str(status.get("type", "")))

    def close(self) -> None:
        """End the tunnel and delete the certificate's file. The next call opens everything again."""
        self._forget_certificate()
        if self._tunnel is not None:
            self._tunnel.close()
            self._tunnel = None

    def _follow_log(self, upid: str, lines: list[str], on_line: LineSink | None) -> None:
        """Add what is new to `lines`; an unknown task has an object here, not a list (facts: pve-behaviour.md 5)."""
        while True:
            entries = self.get(f"nodes/{self.node}/tasks/{upid}/log", start=len(lines), limit=LOG_LINES)
            fresh = [str(entry.get("t", "")) for entry in entries] if isinstance(entries, list) else []
            if fresh == ["no content"]:
                return
            lines += fresh
            if on_line is not None:
                for line in fresh:
                    on_line("task", line)
            if len(fresh) < LOG_LINES:
                return

    def _call(self, verb: str, path: str, params: dict[str, Any]) -> Any:
        sent = {key: int(value) if isinstance(value, bool) else value for key, value in params.items()}
        try:
            return self._try(verb, path, sent)
        except TlsNotVerified:
            # Nothing was sent. The host may have renewed its certificate.
            self._forget_certificate()
        except AuthenticationFailed:
            # Nothing was done. Without a client the login itself was refused: asking again would change nothing.
            if self._client is None:
                raise
            self._client = None
        except ConnectionLost:
            # A kept-alive connection died (restart of the host or of pveproxy). Only reading may be repeated.
            if verb != "get":
                raise
        return self._try(verb, path, sent)

    def _try(self, verb: str, path: str, params: dict[str, Any]) -> Any:
        try:
            return getattr(self._connected()(path), verb)(**params)
        except ResourceException as error:
            if error.status_code == requests.codes.unauthorized:
                raise ApiLoginRefused(_reason(error), **self._who()) from None
            raise ApiRefused(_reason(error), method=verb.upper(), path=path, status=str(error.status_code)) from None
        except requests.exceptions.SSLError as error:
            raise TlsNotVerified(str(error), host=self._host.address) from None
        except requests.exceptions.RequestException as error:
            raise ConnectionLost(type(error).__name__, host=self._host.address, port="") from None

    def _connected(self) -> ProxmoxResource:
        """The client, logged in. proxmoxer's own login would post outside of its session, past our certificate."""
        if self._client is None:
            if self._certificate is None:
                self._certificate = read_certificate(self._host)
            if self._session is None:
                self._session = open_session(self._certificate)
            base = f"https://{self._place()}/api2/json"
            self._session.auth = self._login(self._session, base)
            self._client = ProxmoxResource(base_url=base, session=self._session, serializer=_Answers())
        return self._client

    def _login(self, session: requests.Session, base: str) -> TokenAuth | TicketAuth:
        if self._account.token_id:
            return TokenAuth(self._account)
        if not self._account.password and self._on_password is not None:
            self._account = replace(self._account, password=self._on_password(self._account.user))
        if not self._account.password:
            raise ApiLoginRefused(**self._who())
        try:
            return TicketAuth(session, base, self._account, self._on_code)
        except ApiLoginRefused:
            if self._on_password is not None:
                # The same would be refused again: the next call asks.
                self._account = replace(self._account, password=Secret(""))
            raise

    def _place(self) -> str:
        if self._profile.api_mode == "direct":
            address = self._profile.address
            return f"[{address}]:{self._profile.api_port}" if ":" in address else f"{address}:{self._profile.api_port}"
        if self._tunnel is None:
            self._tunnel = Tunnel(lambda: self._host.open_forward("127.0.0.1", self._profile.api_port))
        return f"127.0.0.1:{self._tunnel.port}"

    def _forget_certificate(self) -> None:
        if self._session is not None:
            self._session.close()
        if self._certificate is not None:
            self._certificate.close()
        self._certificate = self._session = self._client = None

    def _who(self) -> dict[str, str]:
        return {"host": self._host.address, "user": self._account.token_id or self._account.user}


class _Answers(JsonSerializer):  # type: ignore[misc]
    """Keeps what an error's body says: errors per parameter, from 8.4 on the message (facts: pve-behaviour.md 5)."""

    def loads_errors(self, response: requests.Response) -> dict[str, str]:
        try:
            body = response.json()
        except ValueError:
            return {"": response.text}
        if not isinstance(body, dict):
            return {}
        found = body.get("errors") or {}
        return {"": str(body.get("message", "")), **{str(key): str(text) for key, text in sorted(found.items())}}


def _reason(error: ResourceException) -> str:
    """PVE puts the first line of the message into the reason phrase; only there it is on 8.2."""
    errors = dict(error.errors or {})
    # The phrase is bytes to HTTP, and UTF-8 to PVE.
    phrase = str(error.content or error.status_message or "").encode("latin-1", "replace").decode("utf-8", "replace")
    message = errors.pop("", "").strip() or phrase
    return "\n".join([message, *(f"{key}: {text.strip()}" for key, text in errors.items())])
