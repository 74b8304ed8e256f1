"""The loopback end of the tunnel: what the host closes is closed here, and a dead connection refuses at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from ssh.host import SshHost
from ssh.tunnel import Tunnel
from tests.unit.ssh.conftest import Connect
from tests.unit.ssh.loopback import Loopback


@pytest.fixture
def echo() -> Iterator[int]:
    """Answers one message per connection with itself, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client = listener.accept()[0]
                except OSError:
                    return
                with client:
                    client.sendall(client.recv(1000))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def said(tunnel: Tunnel, text: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", tunnel.port), 5) as client:
        client.sendall(text)
        found = b""
        while data := client.recv(1000):
            found += data
        return found


def tunnel_to(host: SshHost, port: int) -> Tunnel:
    return Tunnel(lambda: host.open_forward("127.0.0.1", port))


def test_what_goes_in_comes_back_and_ends(host: SshHost, echo: int) -> None:
    tunnel = tunnel_to(host, echo)
    port = tunnel.port
    assert [said(tunnel, text) for text in (b"one", b"two")] == [b"one", b"two"]
    tunnel.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)


def test_a_port_that_nobody_serves_ends_the_connection(open_host: Connect, loopback: Loopback) -> None:
    host = open_host()
    tunnel = tunnel_to(host, 1)
    assert said(tunnel, b"") == b""
    loopback.drop()
    assert said(tunnel, b"") == b""
    tunnel.close()


def test_it_leads_on_after_a_reconnect(open_host: Connect, loopback: Loopback, echo: int) -> None:
    host = open_host()
    tunnel = tunnel_to(host, echo)
    assert said(tunnel, b"one") == b"one"
    loopback.drop()
    host.reconnect()
    assert said(tunnel, b"two") == b"two"
    tunnel.close()
