"""One verified SSH connection: own socket with TCP_NODELAY, pinned key, password, key file or agent."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass, field

import paramiko
from paramiko.ssh_exception import SSHException

from ssh.errors import AuthenticationFailed, ConnectionFailed, ConnectionLost, HostKeyChanged
from ssh.hostkey import KEY_TYPES, OnNewKey, judge_key
from ssh.profiles import Profile
from ssh.secret import Secret

CONNECT_TIMEOUT = 15.0
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


def open_transport(profile: Profile, secrets: Secrets, on_new_key: OnNewKey) -> tuple[paramiko.Transport, str]:
    """Connect, verify the key, log in; return the transport and the fingerprint of its key.

    Raises `ConnectionFailed`, `HostKeyChanged`, `HostKeyUnknown`, `AuthenticationFailed`.
    """
    silence_paramiko()
    try:
        transport, shown = _verified(profile, on_new_key, ())
    except HostKeyChanged:
        transport, shown = _try_other_keys(profile, on_new_key)
    try:
        _authenticate(transport, profile, secrets)
    except BaseException:
        transport.close()
        raise
    transport.set_keepalive(15)
    return transport, shown


def _try_other_keys(profile: Profile, on_new_key: OnNewKey) -> tuple[paramiko.Transport, str]:
    """The pinned key may be another of the host's keys than the one that it prefers to show."""
    changed: HostKeyChanged | None = None
    for key_type in KEY_TYPES:
        try:
            return _verified(profile, on_new_key, (key_type,))
        except HostKeyChanged as error:
            changed = changed or error
        except ConnectionFailed:
            continue
    raise changed or ConnectionFailed(host=profile.address, port=str(profile.ssh_port))


def _verified(profile: Profile, on_new_key: OnNewKey, key_types: tuple[str, ...]) -> tuple[paramiko.Transport, str]:
    where = {"host": profile.address, "port": str(profile.ssh_port)}
    try:
        sock = socket.create_connection((profile.address, profile.ssh_port), CONNECT_TIMEOUT)
    except OSError as error:
        raise ConnectionFailed(error.strerror or type(error).__name__, **where) from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport: paramiko.Transport | None = None
    try:
        transport = paramiko.Transport(sock)
        transport.banner_timeout = CONNECT_TIMEOUT
        options = transport.get_security_options()
        options.ciphers = [cipher for cipher in CIPHERS if cipher in options.ciphers]
        if key_types:
            options.key_types = [key for key in options.key_types if key in key_types]
        transport.start_client(timeout=CONNECT_TIMEOUT)
        return transport, judge_key(profile.address, profile.host_key, transport.get_remote_server_key(), on_new_key)
    except (SSHException, OSError, EOFError) as error:
        (transport or sock).close()
        raise ConnectionFailed(str(error), **where) from error
    except BaseException:
        (transport or sock).close()
        raise


def _authenticate(transport: paramiko.Transport, profile: Profile, secrets: Secrets) -> None:
    refused = AuthenticationFailed(host=profile.address, user=profile.user)
    try:
        if profile.auth == "password":
            transport.auth_password(profile.user, secrets.password.unmask())
        elif profile.auth == "key":
            passphrase = secrets.passphrase.unmask() if secrets.passphrase else None
            transport.auth_publickey(profile.user, paramiko.PKey.from_path(profile.key_file, password=passphrase))
        else:
            _agent_login(transport, profile.user, refused)
    except paramiko.AuthenticationException as error:
        raise refused from error
    except (SSHException, EOFError) as error:
        raise ConnectionLost(str(error), host=profile.address, port=str(profile.ssh_port)) from error
    except (OSError, ValueError, TypeError) as error:
        raise AuthenticationFailed(str(error), host=profile.address, user=profile.user) from error


def _agent_login(transport: paramiko.Transport, user: str, refused: AuthenticationFailed) -> None:
    for key in paramiko.Agent().get_keys():
        try:
            transport.auth_publickey(user, key)
            return
        except paramiko.AuthenticationException:
            continue
    raise refused
