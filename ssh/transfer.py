"""Upload of large files: one pass, hashed on both ends while the bytes flow."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ssh.errors import CommandFailed, ConnectionLost, FileNotWritten
from ssh.exchange import MOST_SENT
from ssh.result import CancelToken, ProgressSink

if TYPE_CHECKING:
    from ssh.host import SshHost

_RECEIVE = 'umask 022; tee "$1" | openssl dgst -sha256 -r'
"""openssl hashes several times faster than sha256sum there (facts: performance.md section 1)."""

REPORT_EVERY = 1 << 20


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def upload(host: SshHost, local: Path, remote: str, progress: ProgressSink | None, cancel: CancelToken | None) -> str:
    """See `guide.host.Host.upload`. `progress` is called in a thread of its own.

    A cancelled or refused upload leaves nothing behind; a lost connection leaves NAME.pve-igpu.new, which the next
    upload replaces. Raises `FileNotWritten`, `Cancelled`, `ConnectionLost`.
    """
    new = f"{remote}.pve-igpu.new"
    digest = hashlib.sha256()
    blocks = _blocks(local, digest, progress)
    try:
        result = host.shell.run(["sh", "-c", _RECEIVE, "sh", new], stdin=blocks, timeout=math.inf, cancel=cancel)
        there = result.stdout.partition(" ")[0].strip()
        # tee goes on when the disk is full: only its complaint tells.
        if result.status != 0 or result.stderr or there != digest.hexdigest():
            raise FileNotWritten(result.stderr.strip() or f"sha256 {there} != {digest.hexdigest()}", path=remote)
        host.run(["mv", "-f", "-T", new, remote])
    except ConnectionLost:
        raise
    except CommandFailed as error:
        host.run(["rm", "-f", new], check=False)
        raise FileNotWritten(error.detail, path=remote) from error
    except BaseException:
        host.run(["rm", "-f", new], check=False)
        raise
    return there


def _blocks(local: Path, digest: _Hash, progress: ProgressSink | None) -> Iterator[bytes]:
    """The file in packets, hashed as they go: a hash in another thread is slower (facts: performance.md section 1)."""
    done = shown = 0
    try:
        with local.open("rb") as file:
            total = local.stat().st_size
            while block := file.read(MOST_SENT):
                digest.update(block)
                yield block
                done += len(block)
                if progress is not None and (done - shown >= REPORT_EVERY or done == total):
                    progress(done, total)
                    shown = done
    except OSError as error:
        raise FileNotWritten(f"{error.strerror}: {local}", path=str(local)) from error
