"""Commands over one transport: quoted, as root, streamed, with exit status, timeout and cancel."""

from __future__ import annotations

import base64
import re
import secrets
import shlex
from collections.abc import Iterable, Sequence
from itertools import chain

import paramiko
from paramiko.ssh_exception import SSHException

from ssh.channels import Channels
from ssh.errors import ConnectionLost, SudoRefused
from ssh.exchange import Exchange
from ssh.output import Output
from ssh.result import CancelToken, CommandResult, LineSink
from ssh.secret import Secret

_ENTER = 'echo; echo "$1"; { echo; echo "$1"; } >&2; shift; exec env LC_ALL=C "$@"'
"""A mark on both outputs, then the command: what a .bashrc or sudo's lecture printed before it is told apart."""

_SUDO = (("sudo", "-n", "--"), ("sudo", "-k", "-S", "-p", "", "--"))
"""Without a password, else with it on standard input. -k: never from a cache, so that the line is always read by sudo
and never by the command."""

_READ_OTHERWISE = re.compile(r"[\n!\\]")
"""What tcsh or fish as the login shell read in another way than sh, between quotes too."""

SUDO_TIMEOUT = 20.0


class Shell:
    """Runs commands on one transport, as root."""

    def __init__(self, transport: paramiko.Transport, host: str, user: str, password: Secret) -> None:
        self._channels = Channels(transport)
        self._host = host
        self._user = user
        self._password = password
        self._sudo: tuple[str, ...] | None = () if user == "root" else None
        self._mark = f"pve-igpu-{secrets.token_hex(8)}"

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | Iterable[bytes] = b"",
        timeout: float = 60,
        on_line: LineSink | None = None,
        cancel: CancelToken | None = None,
    ) -> CommandResult:
        """Run as root and wait. A `stdin` in blocks is read while it is sent, in a thread of its own.

        Raises `CommandTimeout`, `Cancelled`, `ConnectionLost`, `SudoRefused`.
        """
        return self._exec(self._become_root(), argv, stdin, timeout, on_line, cancel)

    def _become_root(self) -> tuple[str, ...]:
        if self._sudo is not None:
            return self._sudo
        for way in _SUDO:
            if self._exec(way, ["true"], b"", SUDO_TIMEOUT, None, None).status == 0:
                self._sudo = way
                return way
        raise SudoRefused(user=self._user)

    def _exec(
        self,
        sudo: tuple[str, ...],
        argv: Sequence[str],
        stdin: bytes | Iterable[bytes],
        timeout: float,
        on_line: LineSink | None,
        cancel: CancelToken | None,
    ) -> CommandResult:
        head = (self._password.unmask() + "\n").encode() if "-S" in sudo else b""
        blocks = chain([head], [stdin] if isinstance(stdin, bytes) else stdin)
        mark = f"\n{self._mark}\n".encode()
        command = shlex.join([*sudo, "sh", "-c", _ENTER, "pve-igpu", self._mark, *argv])
        exchange = Exchange(self._channel(), Output("stdout", on_line, mark), Output("stderr", on_line, mark))
        line = _for_any_shell(command)
        try:
            return exchange.follow(line, blocks, command=describe(argv), timeout=timeout, cancel=cancel)
        except ConnectionLost as error:
            raise ConnectionLost(error.detail, host=self._host, port="") from None
        finally:
            exchange.close()

    def _channel(self) -> paramiko.Channel:
        try:
            channel = self._channels.take()
            self._channels.prepare()
        except (SSHException, OSError, EOFError) as error:
            raise ConnectionLost(str(error), host=self._host, port="") from error
        return channel


def _for_any_shell(command: str) -> str:
    """A command of sh, so that the person's login shell gives it to sh as it is, whichever it is."""
    if not _READ_OTHERWISE.search(command):
        return command
    encoded = base64.b64encode(command.encode()).decode()
    return f"sh -c 'eval \"$(echo {encoded} | base64 -d)\"'"


def describe(argv: Sequence[str]) -> str:
    """A command for people. Scripts of ours are long: they are named by what runs them."""
    return " ".join(argv[:2]) if list(argv[:2]) == ["sh", "-c"] else shlex.join(argv)
