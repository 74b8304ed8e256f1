"""The Proxmox API of one host, through proxmoxer, behind a verified certificate."""

from __future__ import annotations

import logging
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from proxmoxer import ProxmoxAPI
from proxmoxer.core import AuthenticationError, ResourceException

from ssh.connection import Secrets
from ssh.errors import ApiRefused, AuthenticationFailed, CommandTimeout, ConnectionLost, TaskFailed, TlsNotVerified
from ssh.login import TIMEOUT, OnCode, get_ticket
from ssh.profiles import Profile
from ssh.result import CancelToken, LineSink
from ssh.tunnel import Tunnel

if TYPE_CHECKING:
    from ssh.host import SshHost

CA_FILE = "/etc/pve/pve-root-ca.pem"
CUSTOM_CERTIFICATE = "/etc/pve/local/pveproxy-ssl.pem"
POLL = 0.5


class ProxmoxApi:
    """Fulfils `guide.host.Api`. The CA is read over the verified SSH connection before anything is sent."""

    def __init__(self, host: SshHost, profile: Profile, secrets: Secrets, on_code: OnCode | None) -> None:
        # proxmoxer logs request data, passwords included, at INFO.
        logging.getLogger("proxmoxer").setLevel(logging.ERROR)
        self._host = host
        self._profile = profile
        self._secrets = secrets
        self._on_code = on_code
        self._tunnel: Tunnel | None = None
        self._trust: Path | None = None
        self._client: ProxmoxAPI | None = None
        self._node = profile.node

    @property
    def node(self) -> str:
        if not self._node:
            self._node = self._host.run(["hostname"]).stdout.strip()
        return self._node

    @property
    def is_root_ticket(self) -> bool:
        return not self._profile.api_token_id and self._profile.login == "root@pam"

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
        sink = on_line or _ignore
        start, lines, end = 0, list[str](), time.monotonic() + timeout
        while True:
            status = self.get(f"nodes/{self.node}/tasks/{upid}/status")
            fresh = self._log(upid, start)
            start += len(fresh)
            lines += fresh
            for line in fresh:
                sink("task", line)
            if status.get("status") == "stopped":
                break
            if time.monotonic() > end:
                raise CommandTimeout(command=str(status.get("type", upid)), seconds=str(round(timeout)))
            token.wait(POLL)
        outcome = str(status.get("exitstatus", ""))
        if outcome == "OK" or outcome.startswith("WARNINGS"):
            return outcome
        detail = "\n".join([*lines[-6:], outcome])
        raise TaskFailed(detail, upid=upid, kind=str(status.get("type", "")))

    def close(self) -> None:
        """End the tunnel and delete the temporary CA file."""
        if self._tunnel is not None:
            self._tunnel.close()
        if self._trust is not None:
            self._trust.unlink(missing_ok=True)
        self._tunnel = self._trust = self._client = None

    def _log(self, upid: str, start: int) -> list[str]:
        """Lines after `start`; an unknown task has an object here instead of a list (facts: pve-behaviour.md 5)."""
        entries = self.get(f"nodes/{self.node}/tasks/{upid}/log", start=start, limit=500)
        if not isinstance(entries, list):
            return []
        lines = [str(entry.get("t", "")) for entry in entries]
        return [] if lines == ["no content"] else lines

    def _call(self, verb: str, path: str, params: dict[str, Any]) -> Any:
        shown = {"method": verb.upper(), "path": path}
        for attempt in (1, 2):
            client = self._connected()
            try:
                return getattr(client(path), verb)(**params)
            except ResourceException as error:
                if error.status_code == requests.codes.unauthorized and attempt == 1:
                    self._client = None
                    continue
                raise ApiRefused(_reason(error), **shown, status=str(error.status_code)) from None
            except requests.exceptions.SSLError as error:
                raise TlsNotVerified(str(error), host=self._host.address) from None
            except requests.exceptions.RequestException as error:
                # A kept-alive connection died (restart of the host or of pveproxy). Only reading may be repeated.
                self._client = None
                if verb == "get" and attempt == 1:
                    continue
                raise ConnectionLost(type(error).__name__, host=self._host.address, port="") from None
        raise AuthenticationFailed(host=self._host.address, user=self._profile.login)

    def _connected(self) -> ProxmoxAPI:
        if self._client is None:
            self._client = self._login()
        return self._client

    def _login(self) -> ProxmoxAPI:
        address, port = self._place()
        verify = str(self._certificate())
        common: dict[str, Any] = {"port": port, "verify_ssl": verify, "timeout": TIMEOUT}
        login = self._profile.login
        if self._profile.api_token_id:
            user, _, name = self._profile.api_token_id.rpartition("!")
            secret = self._secrets.token_secret.unmask()
            return ProxmoxAPI(address, user=user, token_name=name, token_value=secret, **common)
        password = self._secrets.api_password or self._secrets.password
        ticket = get_ticket(f"https://{address}:{port}/api2/json", verify, login, password, self._on_code)
        try:
            # A ticket as password renews itself and asks for no second factor (facts: pve.md 3.1).
            return ProxmoxAPI(address, user=login, password=ticket.unmask(), **common)
        except AuthenticationError:
            raise AuthenticationFailed(host=self._host.address, user=login) from None
        except requests.exceptions.RequestException as error:
            raise ConnectionLost(type(error).__name__, host=self._host.address, port=str(port)) from None

    def _place(self) -> tuple[str, int]:
        if self._profile.api_mode == "direct":
            return self._profile.address, self._profile.api_port
        if self._tunnel is None:
            self._tunnel = Tunnel(lambda: self._host.open_forward("127.0.0.1", self._profile.api_port))
        return "127.0.0.1", self._tunnel.port

    def _certificate(self) -> Path:
        """The host's own CA, and its own proxy certificate where one was installed, as a file only we can read."""
        if self._trust is None:
            files = (self._host.read_file(path).data for path in (CA_FILE, CUSTOM_CERTIFICATE))
            pem = b"\n".join(data for data in files if data)
            with tempfile.NamedTemporaryFile("wb", prefix="pve-igpu-ca-", suffix=".pem", delete=False) as file:
                file.write(pem)
            self._trust = Path(file.name)
        return self._trust


def _reason(error: ResourceException) -> str:
    """PVE puts the message into the reason phrase, and errors per parameter beside it (facts: pve-behaviour.md 5)."""
    parts = [str(error.content or error.status_message or "")]
    if isinstance(error.errors, dict):
        parts += [f"{key}: {str(value).strip()}" for key, value in sorted(error.errors.items())]
    return "\n".join(parts)


def _ignore(stream: str, line: str) -> None:
    return
