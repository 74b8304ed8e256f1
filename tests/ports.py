"""Ports for servers that cannot choose one themselves (sshd, QEMU)."""

from __future__ import annotations

import itertools
import os
import socket

FIRST = 20_000
"""Below what any system hands out by itself (Linux: from 32768, others: from 49152)."""

PER_WORKER = 500

_next = itertools.count(os.getpid() % 97)


def free_port() -> int:
    """Free now, and nobody else takes it: every worker of a test run has a range of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for step in itertools.islice(_next, PER_WORKER):
        port = FIRST + worker * PER_WORKER + step % PER_WORKER
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
