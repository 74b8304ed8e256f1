"""Host keys: pinned by fingerprint, asked for on first use, never accepted silently."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import paramiko

from ssh.errors import HostKeyChanged, HostKeyUnknown

KEY_KINDS = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
"""A host has one key of each kind and shows the one it prefers; the pinned one may be another."""


@dataclass(frozen=True)
class HostKeyQuestion:
    """What the person is asked on first contact."""

    host: str
    key_type: str
    fingerprint: str


OnNewKey = Callable[[HostKeyQuestion], bool]


def fingerprint(key: paramiko.PKey) -> str:
    """SHA256:... exactly as OpenSSH prints it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def accept_key(host: str, key: paramiko.PKey, on_new_key: OnNewKey) -> str:
    """Ask about a key that nobody pinned yet; its fingerprint. Raises `HostKeyUnknown`."""
    shown = fingerprint(key)
    if not on_new_key(HostKeyQuestion(host, key.get_name(), shown)):
        raise HostKeyUnknown(host=host, fingerprint=shown)
    return shown


def check_key(host: str, pinned: str, key: paramiko.PKey) -> None:
    """Raises `HostKeyChanged` where the host shows another key than the pinned one."""
    shown = fingerprint(key)
    if shown != pinned:
        raise HostKeyChanged(host=host, pinned=pinned, shown=shown)
