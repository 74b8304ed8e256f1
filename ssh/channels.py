"""Session channels of one connection; the next one opens while nobody waits, so that a command is one round trip."""

from __future__ import annotations

import logging
import threading
import time
from queue import SimpleQueue

import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

log = logging.getLogger(__name__)

OPEN_TIMEOUT = 15.0
FREE_PAUSE = 0.05
NUDGES = (0.003, 0.004, 0.008)
"""Seconds between packets that say nothing while the first channel opens: OpenSSH's server holds back its answer until
the packet before it is acknowledged, with which our side waits about 40 ms (facts: performance.md section 2)."""


class Channels:
    """Used by one thread at a time; at most one channel waits for its command."""

    def __init__(self, transport: paramiko.Transport) -> None:
        self._transport = transport
        self._spare: SimpleQueue[paramiko.Channel | None] | None = None
        self._is_first = True

    def take(self) -> paramiko.Channel:
        """A fresh session channel. Raises what paramiko raises."""
        spare, self._spare = self._spare, None
        channel = spare.get() if spare else None
        if channel is not None and not channel.closed:
            return channel
        return self._open()

    def prepare(self) -> None:
        """Open the next one in the background, while a command runs; where the host refuses it, nothing is lost."""
        if self._spare is None:
            self._spare = SimpleQueue()
            threading.Thread(target=self._fill, args=(self._spare,), name="ssh channel", daemon=True).start()

    def _fill(self, spare: SimpleQueue[paramiko.Channel | None]) -> None:
        try:
            spare.put(self._transport.open_session(timeout=OPEN_TIMEOUT))
        except (SSHException, OSError, EOFError) as error:
            log.debug("no channel ahead: %s", error)
            spare.put(None)

    def _open(self) -> paramiko.Channel:
        if not self._is_first:
            return self._open_when_free()
        self._is_first = False
        opened = threading.Event()
        threading.Thread(target=self._nudge, args=(opened,), name="ssh nudge", daemon=True).start()
        try:
            return self._transport.open_session(timeout=OPEN_TIMEOUT)
        finally:
            opened.set()

    def _open_when_free(self) -> paramiko.Channel:
        """sshd with MaxSessions 1 counts a session for a moment after its end (seen: OpenSSH 9.2)."""
        until = time.monotonic() + OPEN_TIMEOUT
        while True:
            try:
                return self._transport.open_session(timeout=OPEN_TIMEOUT)
            except ChannelException:
                if time.monotonic() > until:
                    raise
                time.sleep(FREE_PAUSE)

    def _nudge(self, opened: threading.Event) -> None:
        for pause in NUDGES:
            if opened.wait(pause):
                return
            try:
                # paramiko's send_ignore lacks the length that RFC 4253 11.2 wants; asyncssh hangs up on it.
                self._transport.global_request("keepalive@lag.net", wait=False)
            except (SSHException, OSError, EOFError) as error:
                log.debug("no nudge: %s", error)
                return
