"""Host keys: pinned by fingerprint, asked for on first use, never accepted silently."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import paramiko

from ssh.errors import HostKeyChanged, HostKeyUnknown

KEY_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512")
"""Tried one by one where the host's first key is not the pinned one: a host has several keys."""


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


def judge_key(host: str, pinned: str, key: paramiko.PKey, on_new_key: OnNewKey) -> str:
    """Return the fingerprint of an accepted key. Raises `HostKeyChanged` or `HostKeyUnknown`; nothing was sent yet."""
    shown = fingerprint(key)
    if pinned:
        if shown != pinned:
            raise HostKeyChanged(host=host, pinned=pinned, shown=shown)
        return shown
    if not on_new_key(HostKeyQuestion(host, key.get_name(), shown)):
        raise HostKeyUnknown(host=host, fingerprint=shown)
    return shown
