"""One host behind one verified connection: fulfils `guide.host.Host`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

from ssh import files, jobs, transfer
from ssh.api import ProxmoxApi
from ssh.command import Shell, describe
from ssh.connection import Secrets, open_transport
from ssh.errors import CommandFailed, ConnectionLost
from ssh.hostkey import HostKeyQuestion, OnNewKey
from ssh.login import OnCode, OnPassword
from ssh.profiles import Profile
from ssh.result import CancelToken, CommandResult, FileState, LineSink, ProgressSink

MOST_QUOTED = 2000
"""Characters of a command's own words in an error."""


class SshHost:
    """Made by `ssh.connect.connect`. Not thread safe: one worker thread owns it."""

    def __init__(
        self,
        profile: Profile,
        secrets: Secrets,
        on_new_key: OnNewKey,
        on_code: OnCode | None = None,
        is_practice: bool = False,
        on_password: OnPassword | None = None,
    ) -> None:
        self._secrets = secrets
        self.is_practice = is_practice
        self._transport, self.fingerprint = open_transport(profile, secrets, on_new_key)
        self._profile = profile
        self.shell = self._new_shell()
        self._api = ProxmoxApi(self, profile, secrets, on_code, on_password)

    @property
    def name(self) -> str:
        return self._profile.name

    @property
    def address(self) -> str:
        return self._profile.address

    @property
    def web_page(self) -> str:
        where = f"[{self.address}]" if ":" in self.address else self.address
        return "" if self.is_practice else f"https://{where}:{self._profile.api_port}/"

    @property
    def api(self) -> ProxmoxApi:
        return self._api

    def run(
        self,
        argv: Sequence[str],
        *,
        check: bool = True,
        stdin: bytes = b"",
        timeout: float = 60,
        on_line: LineSink | None = None,
        cancel: CancelToken | None = None,
    ) -> CommandResult:
        result = self.shell.run(argv, stdin=stdin, timeout=timeout, on_line=on_line, cancel=cancel)
        if check and result.status != 0:
            raise _failed(argv, result)
        return result

    def script(self, text: str, args: Sequence[str] = (), *, timeout: float = 60) -> CommandResult:
        return self.shell.run(["sh", "-c", text, "pve-igpu", *args], timeout=timeout)

    def run_job(
        self,
        job: str,
        argv: Sequence[str],
        *,
        of: str = "",
        timeout: float = 900,
        on_line: LineSink | None = None,
        cancel: CancelToken | None = None,
    ) -> CommandResult:
        result = jobs.run_job(self, job, argv, of, timeout, on_line, cancel)
        if result.status != 0:
            raise _failed(argv, result)
        return result

    def read_file(self, path: str) -> FileState:
        return files.read_file(self, path)

    def write_file(
        self, path: str, data: bytes, *, expect: bytes | None, backup: str | None, mode: int = 0o644
    ) -> None:
        files.write_file(self, path, data, expect, backup, mode)

    def remove_file(self, path: str, *, expect: bytes | None = None) -> None:
        files.remove_file(self, path, expect)

    def upload(
        self,
        local: Path,
        remote: str,
        *,
        progress: ProgressSink | None = None,
        cancel: CancelToken | None = None,
    ) -> str:
        return transfer.upload(self, local, remote, progress, cancel)

    def sha256(self, path: str) -> str | None:
        return files.sha256(self, path)

    def tcp_open(self, address: str, port: int, timeout: float = 5) -> bool:
        try:
            self.open_forward(address, port, timeout).close()
        except ChannelException:
            return False
        except (SSHException, OSError, EOFError) as error:
            if self._transport.is_active():
                return False
            raise ConnectionLost(str(error), host=self.address, port="") from error
        return True

    def open_forward(self, address: str, port: int, timeout: float = 15) -> paramiko.Channel:
        """A direct-tcpip channel to what the host reaches as address:port. Raises paramiko's own errors."""
        return self._transport.open_channel("direct-tcpip", (address, port), ("127.0.0.1", 0), timeout=timeout)

    def reboot(self) -> None:
        """Detached and a moment later, so that this command itself ends in good order."""
        text = 'setsid sh -c "sleep 1; systemctl reboot" < /dev/null > /dev/null 2>&1 &'
        self.run(["sh", "-c", text])

    def reconnect(self, *, cancel: CancelToken | None = None, timeout: float = 10) -> None:
        if cancel is not None:
            cancel.check()
        self._transport.close()
        self._transport, self.fingerprint = open_transport(self._pinned(), self._secrets, _nobody, timeout)
        self.shell = self._new_shell()

    def close(self) -> None:
        self._api.close()
        self._transport.close()

    def _pinned(self) -> Profile:
        """After the first contact the key is fixed, whatever the profile says."""
        return replace(self._profile, host_key=self.fingerprint)

    def _new_shell(self) -> Shell:
        return Shell(self._transport, self._profile.address, self._profile.user, self._secrets.password)


def _failed(argv: Sequence[str], result: CommandResult) -> CommandFailed:
    said = (result.stderr or result.stdout).strip()[-MOST_QUOTED:]
    return CommandFailed(said, command=describe(argv), status=str(result.status))


def _nobody(question: HostKeyQuestion) -> bool:
    return False
