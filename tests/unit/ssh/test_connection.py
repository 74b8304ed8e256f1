"""Connecting: the key first, then the login; every failure by its own name, and no secret in any of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import paramiko
import pytest

from ssh.connect import Secrets, connect
from ssh.connection import open_transport
from ssh.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ConnectionLost,
    HostKeyChanged,
    HostKeyUnknown,
)
from ssh.hostkey import HostKeyQuestion
from ssh.profiles import Profile
from ssh.secret import Secret
from tests.unit.ssh.conftest import Connect, nobody
from tests.unit.ssh.loopback import Loopback
from tests.unit.ssh.openssh import OpenSshd

OTHER = "SHA256:" + "A" * 43


def test_the_first_contact_asks_with_all_that_can_be_compared(open_host: Connect, loopback: Loopback) -> None:
    asked: list[HostKeyQuestion] = []
    host = open_host(host_key="", on_new_key=lambda question: not asked.append(question))
    assert asked == [HostKeyQuestion("127.0.0.1", "ssh-ed25519", loopback.fingerprint)]
    assert host.fingerprint == loopback.fingerprint
    assert host.run(["echo", "hello"]).stdout == "hello\n"


def test_while_a_person_compares_no_login_grows_old(open_host: Connect, loopback: Loopback) -> None:
    def slow(question: HostKeyQuestion) -> bool:
        loopback.drop()
        return True

    assert open_host(host_key="", on_new_key=slow).run(["true"]).status == 0


def test_an_unknown_key_gets_no_password(open_host: Connect, loopback: Loopback) -> None:
    with pytest.raises(HostKeyUnknown) as caught:
        open_host(host_key="")
    assert caught.value.params == {"host": "127.0.0.1", "fingerprint": loopback.fingerprint}
    assert loopback.seen_passwords == []


def test_a_changed_key_gets_no_password(open_host: Connect, loopback: Loopback) -> None:
    with pytest.raises(HostKeyChanged) as caught:
        open_host(host_key=OTHER, on_new_key=lambda question: True)
    assert caught.value.params == {"host": "127.0.0.1", "pinned": OTHER, "shown": loopback.fingerprint}
    assert loopback.seen_passwords == []


@pytest.mark.parametrize("algorithm", ["ecdsa-sha2-nistp384", "ssh-rsa"])
def test_the_pinned_key_may_be_a_less_preferred_one(open_host: Connect, loopback: Loopback, algorithm: str) -> None:
    loopback.stop()
    loopback.host_keys.append(asyncssh.generate_private_key(algorithm))
    loopback.start()
    pinned = loopback.host_keys[1].get_fingerprint()
    assert open_host(host_key=pinned).fingerprint == pinned


@pytest.mark.real_sshd
@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_any_key_of_a_real_sshd_may_be_pinned(sshd: OpenSshd, kind: str) -> None:
    profile = Profile(
        "test",
        "127.0.0.1",
        sshd.port,
        user=sshd.user,
        auth="key",
        key_file=str(sshd.key_file),
        host_key=sshd.fingerprints[kind],
    )
    host = connect(profile, Secrets(), on_new_key=nobody)
    assert host.fingerprint == sshd.fingerprints[kind]
    host.close()


def test_the_fast_cipher_and_no_delay(loopback: Loopback) -> None:
    profile = Profile("test", "127.0.0.1", loopback.port, host_key=loopback.fingerprint)
    transport, _ = open_transport(profile, Secrets(password=Secret(loopback.passwords["root"])), nobody)
    assert transport.local_cipher == "aes128-gcm@openssh.com"
    assert transport.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        assert transport.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 120_000
    transport.close()


def test_a_wrong_password(open_host: Connect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(AuthenticationFailed) as caught:
        open_host(Secrets(password=Secret("hunter2")))
    assert {key: caught.value.params[key] for key in ("host", "user")} == {"host": "127.0.0.1", "user": "root"}
    assert "hunter2" not in str(caught.value) + repr(caught.value) + caplog.text


@pytest.fixture
def key_file(loopback: Loopback, tmp_path: Path) -> Path:
    loopback.ways = {"key"}
    key = asyncssh.generate_private_key("ssh-ed25519")
    loopback.authorized.append(key.export_public_key("openssh").decode().split()[1])
    key.write_private_key(tmp_path / "id", passphrase="open sesame")
    return tmp_path / "id"


def test_a_key_with_a_passphrase(open_host: Connect, key_file: Path) -> None:
    secrets = Secrets(passphrase=Secret("open sesame"))
    assert open_host(secrets, auth="key", key_file=str(key_file)).run(["true"]).status == 0


@pytest.mark.parametrize("passphrase", ["", "sesame street"])
def test_a_key_that_does_not_open(
    open_host: Connect, key_file: Path, passphrase: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(AuthenticationFailed) as caught:
        open_host(Secrets(passphrase=Secret(passphrase)), auth="key", key_file=str(key_file))
    assert "sesame street" not in str(caught.value) + caplog.text


@pytest.mark.parametrize("content", [None, b"", b"no key at all"])
def test_a_key_file_that_is_none(open_host: Connect, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "id"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AuthenticationFailed) as caught:
        open_host(auth="key", key_file=str(path))
    assert caught.value.detail


def test_a_key_that_the_host_does_not_know(open_host: Connect, loopback: Loopback, key_file: Path) -> None:
    loopback.authorized.clear()
    with pytest.raises(AuthenticationFailed):
        open_host(Secrets(passphrase=Secret("open sesame")), auth="key", key_file=str(key_file))


def test_without_an_agent(open_host: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(AuthenticationFailed):
        open_host(auth="agent")


@pytest.fixture
def other_port() -> Iterator[int]:
    """A server that says something else than SSH and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as client:
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(5)


def test_a_server_that_does_not_speak_ssh(open_host: Connect, other_port: int) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        open_host(ssh_port=other_port)
    assert caught.value.params == {"host": "127.0.0.1", "port": str(other_port)}


def test_nobody_listens(open_host: Connect, loopback: Loopback) -> None:
    loopback.stop()
    with pytest.raises(ConnectionFailed) as caught:
        open_host()
    assert caught.value.detail == "Connection refused"


def test_a_name_that_cannot_be(open_host: Connect) -> None:
    with pytest.raises(ConnectionFailed):
        open_host(address="a..b")


def test_a_host_that_is_gone_right_after_the_handshake(open_host: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen on a real host that went down for a restart."""
    original = paramiko.Transport.start_client

    def start_client(transport: paramiko.Transport, timeout: float) -> None:
        original(transport, timeout=timeout)
        transport.close()

    monkeypatch.setattr(paramiko.Transport, "start_client", start_client)
    with pytest.raises(ConnectionFailed):
        open_host()


def test_after_a_lost_connection_the_same_host_is_taken_up_again(open_host: Connect, loopback: Loopback) -> None:
    host = open_host(host_key="", on_new_key=lambda question: True)
    loopback.stop()
    with pytest.raises(ConnectionLost):
        host.run(["true"])
    with pytest.raises(ConnectionFailed):
        host.reconnect()
    loopback.start()
    host.reconnect()
    assert host.run(["echo", "again"]).stdout == "again\n"


def test_another_host_at_the_same_address_is_not(open_host: Connect, loopback: Loopback) -> None:
    host = open_host(host_key="", on_new_key=lambda question: True)
    loopback.stop()
    loopback.host_keys = [asyncssh.generate_private_key("ssh-ed25519")]
    loopback.start()
    loopback.seen_passwords.clear()
    with pytest.raises(HostKeyChanged):
        host.reconnect()
    assert loopback.seen_passwords == []


def test_ports_are_seen_from_the_host(open_host: Connect, loopback: Loopback) -> None:
    host = open_host()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        assert host.tcp_open("127.0.0.1", port)
    assert not host.tcp_open("127.0.0.1", port)
    assert not host.tcp_open("192.0.2.1", 3389, timeout=1)
    loopback.drop()
    with pytest.raises(ConnectionLost):
        host.tcp_open("127.0.0.1", port)


def test_a_reboot_is_asked_for_after_the_answer(open_host: Connect, loopback: Loopback, tmp_path: Path) -> None:
    done = tmp_path / "rebooting"
    program = loopback.folder / "bin/systemctl"
    program.write_text(f'#!/bin/sh\necho "$*" > "{done}.new"; mv "{done}.new" "{done}"\n')
    program.chmod(0o755)
    host = open_host()
    host.reboot()
    assert not done.exists()
    host.run(["sh", "-c", 'until [ -e "$1" ]; do sleep 0.05; done', "sh", str(done)], timeout=20)
    assert done.read_text() == "reboot\n"
