"""Long commands that survive the connection: detached on the host, followed by their log."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ssh.command import describe
from ssh.errors import CommandTimeout
from ssh.exchange import KILLED
from ssh.output import Output
from ssh.result import CancelToken, CommandResult, LineSink

if TYPE_CHECKING:
    from ssh.host import SshHost

FOLDER = "/var/lib/pve-igpu/jobs"
POLL = 0.3
DIGEST = 12
"""Characters of the digest in a job's name."""

_STATE = """
boot=$(cat /proc/sys/kernel/random/boot_id)
alive() {
  read -r pid started 2> /dev/null < "$job.pid" && [ "$started" = "$boot" ] && kill -0 "$pid" 2> /dev/null
}
state() {
  if [ -e "$job.rc" ]; then cat "$job.rc"
  elif alive; then echo running
  elif [ -e "$job.rc" ]; then cat "$job.rc"
  else echo gone; fi
}
"""
"""A process number alone may belong to somebody else after a restart of the host: the boot id stands beside it. The
status is looked for twice because the job may end between the two looks."""

_START = f"""
umask 077
mkdir -p "$1" && cd "$1" || exit 1
base=$2
mine=$3
shift 3
job=$mine
{_STATE}
if [ "$(state)" = running ]; then exit 0; fi
for file in "$base"-{"?" * DIGEST}.pid; do
  job=${{file%.pid}}
  [ "$(state)" = running ] || rm -f "$job.pid" "$job.rc" "$job.log"
done
job=$mine
rm -f "$job.rc" "$job.log"
run='job=$1; shift; "$@" > "$job.log" 2>&1; echo $? > "$job.rc.new"; mv "$job.rc.new" "$job.rc"'
setsid flock -o . sh -c "$run" sh "$job" "$@" < /dev/null > /dev/null 2>&1 &
echo "$! $boot" > "$job.pid"
"""
"""Jobs wait for each other (flock on their folder): two update-initramfs at once would write into the same initrd. -o:
what a job leaves running must not keep the lock. What nobody collected of earlier jobs of the same kind goes."""

_LOOK = f"""
cd "$1" || exit 1
job=$2
{_STATE}
state
if [ -e "$job.log" ]; then tail -c "+$3" "$job.log" | base64; fi
"""
"""The state is asked before the log: where the job has ended, the log that follows is the whole of it. base64, so that
the next offset counts the log's own bytes."""

_CLEAN = 'cd "$1" && rm -f "$2.pid" "$2.rc" "$2.log"'


def names(job: str, argv: Sequence[str], of: str) -> tuple[str, str]:
    """(the kind of job, the name of this one): the same command on other content is another job."""
    base = re.sub(r"[^a-z0-9-]", "-", job.lower())
    digest = hashlib.sha256("\0".join((*argv, of)).encode("utf-8", "surrogateescape")).hexdigest()
    return base, f"{base}-{digest[:DIGEST]}"


def run_job(
    host: SshHost,
    job: str,
    argv: Sequence[str],
    of: str,
    timeout: float,
    on_line: LineSink | None,
    cancel: CancelToken | None,
) -> CommandResult:
    """See `guide.host.Host.run_job`; both outputs are in `stdout`. A job that ended without a status (killed) has 255.

    Cancelling, a time-out and a lost connection stop the watching; the job itself goes on to its end.
    """
    base, name = names(job, argv, of)
    host.run(["sh", "-c", _START, "sh", FOLDER, base, name, *argv])
    token = cancel or CancelToken()
    output, offset, end = Output("stdout", on_line), 1, time.monotonic() + timeout
    while True:
        state, _, body = host.run(["sh", "-c", _LOOK, "sh", FOLDER, name, str(offset)]).stdout.partition("\n")
        fresh = base64.b64decode(body)
        output.feed(fresh)
        offset += len(fresh)
        if state != "running":
            break
        if time.monotonic() > end:
            raise CommandTimeout(command=describe(argv), seconds=str(round(timeout)))
        token.wait(POLL)
    host.run(["sh", "-c", _CLEAN, "sh", FOLDER, name])
    return CommandResult(int(state) if state.isdigit() else KILLED, output.finish(), "")
