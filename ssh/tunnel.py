"""A loopback port on the workstation that leads to a port on the host, through the SSH connection."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable

import paramiko
from paramiko.ssh_exception import SSHException

log = logging.getLogger(__name__)

BLOCK = 1 << 16

OpenChannel = Callable[[], paramiko.Channel]
End = socket.socket | paramiko.Channel


class Tunnel:
    """Listens on 127.0.0.1; every connection gets a channel of its own from `open_channel`, also after a reconnect."""

    def __init__(self, open_channel: OpenChannel) -> None:
        self._open_channel = open_channel
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, name="api tunnel", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Stop listening; open connections end with the transport."""
        _end(self._listener)
        self._thread.join(2)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                channel = self._open_channel()
            except (SSHException, OSError, EOFError) as error:
                log.info("the host did not open the tunnel: %s", error)
                client.close()
                continue
            for source, sink in ((client, channel), (channel, client)):
                threading.Thread(target=_pump, args=(source, sink), name="api tunnel", daemon=True).start()


def _pump(source: End, sink: End) -> None:
    try:
        while data := source.recv(BLOCK):
            sink.sendall(data)
    except (OSError, EOFError) as error:
        log.debug("tunnel: %s", error)
    _end(source)
    _end(sink)


def _end(end: End) -> None:
    """Closing alone does not wake a thread that waits for data there, and the other side would not hear of it."""
    try:
        end.shutdown(socket.SHUT_RDWR)
    except (OSError, EOFError) as error:
        # Not connected any more; a listening socket cannot be shut down on every system.
        log.debug("tunnel: %s", error)
    try:
        end.close()
    except (OSError, EOFError) as error:
        log.debug("tunnel: %s", error)
