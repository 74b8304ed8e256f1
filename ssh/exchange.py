"""One running command: feeds its input, collects both outputs, watches the clock and the cancel token."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue

import paramiko
from paramiko.ssh_exception import SSHException

from ssh.errors import CommandTimeout, ConnectionLost
from ssh.output import Output
from ssh.result import CancelToken, CommandResult

log = logging.getLogger(__name__)

BLOCK = 1 << 16
TICK = 0.25
"""Seconds between looks at the clock and the cancel token while nothing arrives."""

START_TIMEOUT = 30.0
"""Seconds for the host to say that a command starts. One that hangs says nothing, and paramiko would wait for ever."""

STALL = 120.0
"""Seconds in which not one packet of input could be sent: then the connection is dead."""

MOST_SENT = 32_704
"""Bytes per send: the largest SSH packet; larger slices are copied over and over (facts: performance.md section 1)."""

LEAVE_TIMEOUT = 1.0
"""Seconds for the threads of a channel to leave it before it is closed."""

KILLED = 255
"""Status of a command that ended without one (killed by a signal); OpenSSH's client reports the same."""


class Exchange:
    """What goes on between us and one command. The sinks are called in the thread that calls `follow`."""

    def __init__(self, channel: paramiko.Channel, stdout: Output, stderr: Output) -> None:
        self._channel = channel
        self._outputs = (stdout, stderr)
        self._arrived: SimpleQueue[tuple[Output, bytes]] = SimpleQueue()
        self._answered = threading.Event()
        self._leave = threading.Event()
        self._threads: list[threading.Thread] = []
        self._failure: BaseException | None = None
        channel.settimeout(TICK)

    def follow(
        self, line: str, stdin: Iterable[bytes], *, command: str, timeout: float, cancel: CancelToken | None
    ) -> CommandResult:
        """Start `line` and wait for its end. `stdin` is read in a thread of its own; what it raises is raised here.

        Raises `CommandTimeout` (naming `command`), `Cancelled`, `ConnectionLost`.
        """
        # One thread per stream: whoever serves one of them while another is full waits for ever.
        stdout, stderr = self._outputs
        self._start(self._read, stdout, self._channel.recv)
        self._start(self._read, stderr, self._channel.recv_stderr)
        self._start(self._run, line, stdin)
        begun = time.monotonic()
        is_open = len(self._outputs)
        while is_open or not self._channel.status_event.is_set():
            if self._failure is not None:
                raise self._failure
            if cancel is not None:
                cancel.check()
            waited = time.monotonic() - begun
            if waited > timeout:
                raise CommandTimeout(command=command, seconds=str(round(timeout)))
            if waited > START_TIMEOUT and not self._answered.is_set():
                raise ConnectionLost("the host does not answer", host="", port="")
            if is_open:
                is_open -= self._collect()
            else:
                self._channel.status_event.wait(TICK)
        # Where no command could start, the channel closes a moment before that is known here.
        self._answered.wait(TICK)
        if self._failure is not None:
            raise self._failure
        return CommandResult(self._status(), stdout.finish(), stderr.finish())

    def close(self) -> None:
        """End the channel; the command loses its input and outputs.

        The threads leave it first. paramiko sends outside of its lock, and what one of them sends after the end of a
        channel makes the server drop the whole connection (seen with asyncssh and OpenSSH 9.2).
        """
        self._leave.set()
        until = time.monotonic() + LEAVE_TIMEOUT
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        try:
            self._channel.close()
        except (OSError, EOFError) as error:
            log.debug("the connection had already closed the channel: %s", error)

    def _start(self, function: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=function, args=arguments, name="ssh stream", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _collect(self) -> bool:
        """Take what arrived next; whether it was the end of a stream."""
        try:
            output, data = self._arrived.get(timeout=TICK)
        except Empty:
            return False
        output.feed(data)
        return not data

    def _read(self, output: Output, receive: Callable[[int], bytes]) -> None:
        data = b"-"
        while data and not self._leave.is_set():
            try:
                data = receive(BLOCK)
            except TimeoutError:
                continue
            except (OSError, EOFError):
                data = b""
            self._arrived.put((output, data))

    def _run(self, line: str, stdin: Iterable[bytes]) -> None:
        try:
            self._channel.exec_command(line)
        except (SSHException, OSError, EOFError) as error:
            self._failure = ConnectionLost(str(error), host="", port="")
            return
        finally:
            self._answered.set()
        self._write(stdin)

    def _write(self, stdin: Iterable[bytes]) -> None:
        try:
            for block in stdin:
                if self._leave.is_set():
                    return
                for start in range(0, len(block), MOST_SENT):
                    self._send(block[start : start + MOST_SENT])
            self._channel.shutdown_write()
        except (OSError, EOFError):
            # The command ended without reading everything; its status tells whether that matters.
            return
        except BaseException as error:
            self._failure = error

    def _send(self, data: bytes) -> None:
        """Raises `ConnectionLost` where nothing can be sent for long."""
        begun = time.monotonic()
        while data and not self._leave.is_set():
            try:
                data = data[self._channel.send(data) :]
                begun = time.monotonic()
            except TimeoutError:
                if time.monotonic() > begun + STALL:
                    raise ConnectionLost("nothing could be sent", host="", port="") from None

    def _status(self) -> int:
        if self._channel.exit_status >= 0:
            return self._channel.exit_status
        transport = self._channel.get_transport()
        # A dying connection ends its channels a moment before it is marked dead itself.
        transport.join(TICK)
        if not transport.is_active():
            raise ConnectionLost(host="", port="")
        return KILLED
