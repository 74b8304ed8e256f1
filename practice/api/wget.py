"""download-url: the host's wget and what it prints into the task's log (recorded: PVE 8.2.4, 8.4.21)."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

from practice.pve.errors import died
from practice.pve.tasks import Task

if TYPE_CHECKING:
    from practice.machine import Machine

SERVER_ERROR, NETWORK_FAILURE = 8, 4
"""Exit statuses of wget (its manual page)."""


async def fetch(machine: Machine, url: str, target: str, task: Task) -> bytes:
    """Only this workstation's loopback can be reached: the practice host has no other network."""
    parts = urllib.parse.urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    task.log(f"--{machine.clock.text(machine.clock.now())}--  {url}")
    if parts.scheme not in ("http", "https") or parts.hostname not in ("127.0.0.1", "localhost"):
        task.log(f"wget: unable to resolve host address '{parts.hostname}'")
        raise died(f"download failed: exit code {NETWORK_FAILURE}")
    where = f"Connecting to {parts.hostname}:{port}..."

    def read() -> tuple[bytes, str]:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return bytes(answer.read()), str(answer.headers.get("Content-Type", ""))

    try:
        data, kind = await asyncio.to_thread(read)
    except urllib.error.HTTPError as error:
        now = machine.clock.text(machine.clock.now())
        task.log(f"{where} connected.", f"HTTP request sent, awaiting response... {error.code} {error.reason}")
        task.log(f"{now} ERROR {error.code}: {error.reason}.")
        raise died(f"download failed: exit code {SERVER_ERROR}") from None
    except OSError:
        task.log(f"{where} failed: Connection refused.")
        raise died(f"download failed: exit code {NETWORK_FAILURE}") from None
    _saved(machine, f"{target}.tmp_dwnl.{task.pid}", data, kind, where, task)
    return data


def _saved(machine: Machine, path: str, data: bytes, kind: str, where: str, task: Task) -> None:
    size, now = len(data), machine.clock.text(machine.clock.now())
    task.log(f"{where} connected.", "HTTP request sent, awaiting response... 200 OK")
    task.log(f"Length: {size} ({_short(size)}) [{kind}]", f"Saving to: '{path}'")
    task.log("     0K                                    100%  200M=0.001s")
    task.log(f"{now} (200 MB/s) - '{path}' saved [{size}/{size}]")


def _short(size: int) -> str:
    """195K, 5.0M: one digit after the point below ten."""
    value, units = float(size), "KMGT"
    for unit in units:
        value /= 1024
        if value < 1024 or unit == units[-1]:
            return f"{value:.1f}{unit}" if value < 10 else f"{value:.0f}{unit}"
    return str(size)
