"""One verified SSH connection: own socket with TCP_NODELAY, pinned key, password, key file or agent."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from paramiko.pkey import UnknownKeyType
from paramiko.ssh_exception import SSHException

from ssh.errors import AuthenticationFailed, ConnectionFailed, ConnectionLost, HostKeyChanged
from ssh.hostkey import KEY_KINDS, OnNewKey, accept_key, check_key
from ssh.profiles import Profile
from ssh.secret import Secret

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 15.0
KEEPALIVE = 15
"""Seconds."""

DEAD_AFTER = 120
"""Seconds without any acknowledgement until a connection counts as lost; Linux alone waits about a quarter of an hour
(tcp(7): tcp_retries2, TCP_USER_TIMEOUT)."""

CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr")
"""GCM first: paramiko lists it last, and it halves the cost of an upload (facts: performance.md section 1)."""

_NO_SECRET = Secret("")


@dataclass(frozen=True)
class Secrets:
    """Everything secret about one host; an empty one is not known."""

    password: Secret = field(default=_NO_SECRET)
    passphrase: Secret = field(default=_NO_SECRET)
    api_password: Secret = field(default=_NO_SECRET)
    token_secret: Secret = field(default=_NO_SECRET)


def silence_paramiko() -> None:
    """paramiko logs tracebacks of failed connects as errors; ours say it better (facts: pve-behaviour.md 7)."""
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)


def open_transport(
    profile: Profile, secrets: Secrets, on_new_key: OnNewKey, timeout: float = CONNECT_TIMEOUT
) -> tuple[paramiko.Transport, str]:
    """Connect, verify the key, log in; the transport and the fingerprint of its key. `timeout` is for each packet.

    Raises `ConnectionFailed`, `HostKeyChanged`, `HostKeyUnknown`, `AuthenticationFailed`.
    """
    silence_paramiko()
    pinned = profile.host_key or _first_contact(profile, on_new_key, timeout)
    try:
        transport = _verified(profile, pinned, (), timeout)
    except HostKeyChanged as changed:
        transport = _by_another_key(profile, pinned, timeout, changed)
    try:
        _authenticate(transport, profile, secrets)
    except BaseException:
        transport.close()
        raise
    transport.set_keepalive(KEEPALIVE)
    return transport, pinned


def _first_contact(profile: Profile, on_new_key: OnNewKey, timeout: float) -> str:
    """Ask about the key while no connection waits: a person may compare for longer than sshd grants a login."""
    transport, key = _handshake(profile, (), timeout)
    transport.close()
    return accept_key(profile.address, key, on_new_key)


def _by_another_key(profile: Profile, pinned: str, timeout: float, changed: HostKeyChanged) -> paramiko.Transport:
    """The pinned key may be another of the host's keys than the one that it prefers to show."""
    for kind in KEY_KINDS:
        try:
            return _verified(profile, pinned, kind, timeout)
        except ConnectionFailed as error:
            log.debug("key %s: %s", kind[0], error)
    raise changed


def _verified(profile: Profile, pinned: str, key_types: tuple[str, ...], timeout: float) -> paramiko.Transport:
    transport, key = _handshake(profile, key_types, timeout)
    try:
        check_key(profile.address, pinned, key)
    except BaseException:
        transport.close()
        raise
    return transport


def _handshake(
    profile: Profile, key_types: tuple[str, ...], timeout: float
) -> tuple[paramiko.Transport, paramiko.PKey]:
    where = {"host": profile.address, "port": str(profile.ssh_port)}
    try:
        sock = socket.create_connection((profile.address, profile.ssh_port), timeout)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(getattr(error, "strerror", None) or type(error).__name__, **where) from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER * 1000)
    transport: paramiko.Transport | None = None
    try:
        transport = paramiko.Transport(sock)
        transport.banner_timeout = timeout
        options = transport.get_security_options()
        options.ciphers = [cipher for cipher in CIPHERS if cipher in options.ciphers]
        if key_types:
            options.key_types = [key for key in options.key_types if key in key_types]
        transport.start_client(timeout=timeout)
        # A host that goes down may be gone again already.
        key = transport.get_remote_server_key()
    except BaseException as error:
        (transport or sock).close()
        if isinstance(error, SSHException | OSError | EOFError):
            raise ConnectionFailed(str(error), **where) from error
        raise
    return transport, key


def _authenticate(transport: paramiko.Transport, profile: Profile, secrets: Secrets) -> None:
    who = {"host": profile.address, "user": profile.user}
    missing: Sequence[str] = ()
    try:
        if profile.auth == "password":
            # paramiko answers a single keyboard-interactive question with it where the host takes no password.
            missing = transport.auth_password(profile.user, secrets.password.unmask())
        elif profile.auth == "key":
            missing = transport.auth_publickey(profile.user, _load_key(profile, secrets))
        else:
            _agent_login(transport, profile.user)
    except (SSHException, EOFError, OSError) as error:
        if isinstance(error, paramiko.AuthenticationException) or transport.is_active():
            raise AuthenticationFailed(str(error), **who) from error
        raise ConnectionLost(str(error), host=profile.address, port=str(profile.ssh_port)) from error
    if not transport.is_authenticated():
        raise AuthenticationFailed(", ".join(missing), **who)


def _load_key(profile: Profile, secrets: Secrets) -> paramiko.PKey:
    # Typed as text, but handed on as it is to functions that take nothing but bytes.
    passphrase = secrets.passphrase.unmask().encode() if secrets.passphrase else None
    try:
        return paramiko.PKey.from_path(profile.key_file, password=passphrase)  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError, SSHException, UnknownKeyType, UnsupportedAlgorithm) as error:
        raise AuthenticationFailed(str(error), host=profile.address, user=profile.user) from error


def _agent_login(transport: paramiko.Transport, user: str) -> None:
    agent = paramiko.Agent()
    try:
        for key in agent.get_keys():
            try:
                transport.auth_publickey(user, key)
            except paramiko.AuthenticationException as error:
                log.debug("the host does not take key %s of the agent: %s", key.get_name(), error)
            if transport.is_authenticated() or not transport.is_active():
                return
    finally:
        agent.close()
