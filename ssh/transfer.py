"""Upload of large files: one pass, hashed on both ends while the bytes flow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from paramiko.ssh_exception import SSHException

from ssh.command import MOST_SENT
from ssh.errors import ConnectionLost, FileNotWritten
from ssh.result import CancelToken, ProgressSink

if TYPE_CHECKING:
    from ssh.host import SshHost

_RECEIVE = 'umask 022; tee "$1.pve-igpu.new" | openssl dgst -sha256 -r'
REPORT_EVERY = 1 << 20


def upload(host: SshHost, local: Path, remote: str, progress: ProgressSink | None, cancel: CancelToken | None) -> str:
    """See `guide.host.Host.upload`. A cancelled or broken upload leaves no partial file under the final name."""
    total = local.stat().st_size
    channel, head = host.shell.start(["sh", "-c", _RECEIVE, "sh", remote])
    digest = hashlib.sha256()
    try:
        channel.settimeout(120)
        channel.sendall(head)
        done = shown = 0
        for block in _blocks(local):
            if cancel is not None:
                cancel.check()
            digest.update(block)
            channel.sendall(block)
            done += len(block)
            if progress is not None and (done - shown >= REPORT_EVERY or done == total):
                progress(done, total)
                shown = done
        channel.shutdown_write()
        answer = channel.makefile("rb").read().decode("utf-8", "replace")
        complaint = channel.makefile_stderr("rb").read().decode("utf-8", "replace")
        status = channel.recv_exit_status()
    except (SSHException, OSError, EOFError) as error:
        raise ConnectionLost(str(error), host=host.address, port="") from error
    except BaseException:
        channel.close()
        host.run(["rm", "-f", f"{remote}.pve-igpu.new"], check=False)
        raise
    finally:
        channel.close()
    there = answer.split()[0] if answer.split() else ""
    if status != 0 or complaint or there != digest.hexdigest():
        host.run(["rm", "-f", f"{remote}.pve-igpu.new"], check=False)
        raise FileNotWritten(complaint, path=remote)
    host.run(["mv", "-f", f"{remote}.pve-igpu.new", remote])
    return there


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(MOST_SENT):
            yield block
