"""Commands over one transport: quoted, streamed line by line, with exit status, timeout, cancel and sudo."""

from __future__ import annotations

import codecs
import shlex
import threading
import time
from collections.abc import Callable, Sequence

import paramiko
from paramiko.ssh_exception import SSHException

from ssh.errors import Cancelled, CommandTimeout, ConnectionLost, SudoRefused
from ssh.result import CancelToken, CommandResult, LineSink
from ssh.secret import Secret

TICK = 0.25
"""Seconds between looks at the clock and the cancel token while nothing arrives."""

MOST_SENT = 32_704
"""Bytes per send: the largest SSH packet; larger slices are copied over and over (facts: performance.md section 1)."""


class Shell:
    """Runs commands on a transport; `become_root` decides how."""

    def __init__(self, transport: paramiko.Transport, host: str, user: str, password: Secret) -> None:
        self._transport = transport
        self._host = host
        self._user = user
        self._password = password
        self._sudo: tuple[str, ...] | None = () if user == "root" else None

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 60,
        on_line: LineSink | None = None,
        cancel: CancelToken | None = None,
    ) -> CommandResult:
        """Run as root and wait. Raises `CommandTimeout`, `Cancelled`, `ConnectionLost`, `SudoRefused`."""
        prefix = self._become_root()
        head = b""
        if "-S" in prefix:
            head = (self._password.unmask() + "\n").encode()
        return self._exec([*prefix, "env", "LC_ALL=C", *argv], head + stdin, timeout, on_line, cancel)

    def open_channel(self) -> paramiko.Channel:
        """A session channel; raises `ConnectionLost`."""
        try:
            return self._transport.open_session(timeout=15)
        except (SSHException, OSError, EOFError) as error:
            raise ConnectionLost(str(error), host=self._host, port="") from error

    def start(self, argv: Sequence[str]) -> tuple[paramiko.Channel, bytes]:
        """Start a command as root for a transfer; returns its channel and what must be sent before the data."""
        prefix = self._become_root()
        channel = self.open_channel()
        channel.exec_command(shlex.join([*prefix, "env", "LC_ALL=C", *argv]))
        return channel, (self._password.unmask() + "\n").encode() if "-S" in prefix else b""

    def _become_root(self) -> tuple[str, ...]:
        if self._sudo is not None:
            return self._sudo
        # -k: never use cached credentials, so that the password line is always read, and never by the command.
        ways = (("sudo", "-n", "--"), ("sudo", "-k", "-S", "-p", "", "--"))
        for way in ways:
            secret = (self._password.unmask() + "\n").encode() if "-S" in way else b""
            if self._exec([*way, "true"], secret, 20, None, None).status == 0:
                self._sudo = way
                return way
        raise SudoRefused(user=self._user)

    def _exec(
        self,
        argv: Sequence[str],
        stdin: bytes,
        timeout: float,
        on_line: LineSink | None,
        cancel: CancelToken | None,
    ) -> CommandResult:
        channel = self.open_channel()
        try:
            channel.exec_command(shlex.join(argv))
            return _follow(channel, self._host, argv, stdin, timeout, on_line, cancel)
        except (SSHException, OSError, EOFError) as error:
            raise ConnectionLost(str(error), host=self._host, port="") from error
        finally:
            channel.close()


def _follow(
    channel: paramiko.Channel,
    host: str,
    argv: Sequence[str],
    stdin: bytes,
    timeout: float,
    on_line: LineSink | None,
    cancel: CancelToken | None,
) -> CommandResult:
    channel.settimeout(TICK)
    out, err = _Lines("stdout", on_line), _Lines("stderr", on_line)
    # A reader of its own for stderr: reading one after the other deadlocks when the other's window is full.
    reader = threading.Thread(target=_drain, args=(channel.recv_stderr, err), daemon=True)
    reader.start()
    writer = threading.Thread(target=_send, args=(channel, stdin), daemon=True)
    writer.start()
    end = time.monotonic() + timeout
    while True:
        try:
            data = channel.recv(65536)
        except TimeoutError:
            if cancel is not None and cancel.cancelled:
                raise Cancelled() from None
            if time.monotonic() > end:
                raise CommandTimeout(command=shlex.join(argv), seconds=str(round(timeout))) from None
            continue
        if not data:
            break
        out.feed(data)
    reader.join(5)
    channel.settimeout(10)
    status = channel.recv_exit_status()
    if status < 0:
        raise ConnectionLost(host=host, port="")
    return CommandResult(status, out.text(), err.text())


def _drain(receive: Callable[[int], bytes], into: _Lines) -> None:
    while True:
        try:
            data = receive(65536)
        except TimeoutError:
            continue
        except OSError:
            return
        if not data:
            return
        into.feed(data)


def _send(channel: paramiko.Channel, stdin: bytes) -> None:
    view = memoryview(stdin)
    try:
        while view:
            try:
                view = view[channel.send(bytes(view[:MOST_SENT])) :]
            except TimeoutError:
                if channel.closed:
                    return
        channel.shutdown_write()
    except (OSError, EOFError):
        # The command ended without reading everything; its status tells whether that matters.
        return


class _Lines:
    """Collects a stream and hands out whole lines as they come."""

    def __init__(self, name: str, sink: LineSink | None) -> None:
        self._name = name
        self._sink = sink
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._parts: list[str] = []
        self._rest = ""

    def feed(self, data: bytes) -> None:
        text = self._decoder.decode(data)
        self._parts.append(text)
        if self._sink is None:
            return
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._sink(self._name, line.rstrip("\r"))

    def text(self) -> str:
        if self._sink is not None and self._rest:
            self._sink(self._name, self._rest)
            self._rest = ""
        return "".join(self._parts) + self._decoder.decode(b"", True)
