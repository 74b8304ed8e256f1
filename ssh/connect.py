"""The one way to a connected host."""

from __future__ import annotations

from ssh.connection import Secrets
from ssh.host import SshHost
from ssh.hostkey import OnNewKey
from ssh.login import OnCode, OnPassword
from ssh.profiles import Profile

__all__ = ["Secrets", "connect"]


def connect(
    profile: Profile,
    secrets: Secrets,
    *,
    on_new_key: OnNewKey,
    on_code: OnCode | None = None,
    on_password: OnPassword | None = None,
    is_practice: bool = False,
) -> SshHost:
    """Open the SSH connection (the API follows on first use). Raises `ConnectionFailed` and its kin."""
    return SshHost(profile, secrets, on_new_key, on_code, is_practice, on_password)
