"""The practice host as a whole: a machine, its SSH server and its API, in one background thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Access:
    """How to reach a running practice host; everything is on 127.0.0.1."""

    host: str
    ssh_port: int
    api_port: int
    user: str
    password: str
    host_key: str
    """SHA256:..."""
    ca: Path
    """PEM of the host's own CA (/etc/pve/pve-root-ca.pem), as a local file."""
    answers: Path
    """answers.toml for this scenario, beside a generated n100.rom and tiny ISOs."""
