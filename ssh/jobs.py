"""Long commands that survive the connection: detached on the host, followed by their log."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ssh.errors import CommandTimeout
from ssh.result import CancelToken, CommandResult, LineSink

if TYPE_CHECKING:
    from ssh.host import SshHost

FOLDER = "/var/lib/pve-igpu/jobs"
POLL = 0.3

_START = """
umask 077
mkdir -p "$1" || exit 1
cd "$1" || exit 1
job=$2
shift 2
if [ -e "$job.pid" ] && [ ! -e "$job.rc" ] && kill -0 "$(cat "$job.pid")" 2>/dev/null; then exit 0; fi
rm -f "$job.rc" "$job.log"
run='job=$1; shift; "$@" > "$job.log" 2>&1; echo $? > "$job.rc.new"; mv "$job.rc.new" "$job.rc"'
setsid sh -c "$run" sh "$job" "$@" < /dev/null > /dev/null 2>&1 &
echo $! > "$job.pid"
"""
_LOOK = """
cd "$1" || exit 1
if [ -e "$2.rc" ]; then cat "$2.rc"; else echo running; fi
tail -c "+$3" "$2.log" 2>/dev/null
exit 0
"""
_CLEAN = 'cd "$1" && rm -f "$2.pid" "$2.rc" "$2.log"'


def run_job(
    host: SshHost,
    job: str,
    argv: Sequence[str],
    timeout: float,
    on_line: LineSink | None,
    cancel: CancelToken | None,
) -> CommandResult:
    """See `guide.host.Host.run_job`. Cancelling stops the watching; the job itself goes on to its end."""
    name = re.sub(r"[^a-z0-9-]", "-", job.lower())
    host.run(["sh", "-c", _START, "sh", FOLDER, name, *argv])
    token = cancel or CancelToken()
    sink = on_line or _ignore
    text, rest, end = "", "", time.monotonic() + timeout
    while True:
        offset = len(text.encode()) + 1
        look = host.run(["sh", "-c", _LOOK, "sh", FOLDER, name, str(offset)])
        state, _, fresh = look.stdout.partition("\n")
        text += fresh
        *lines, rest = (rest + fresh).split("\n")
        for line in lines:
            sink("stdout", line)
        if state != "running":
            break
        if time.monotonic() > end:
            raise CommandTimeout(command=" ".join(argv), seconds=str(round(timeout)))
        token.wait(POLL)
    if rest:
        sink("stdout", rest)
    host.run(["sh", "-c", _CLEAN, "sh", FOLDER, name])
    return CommandResult(int(state) if state.isdigit() else 1, text, "")


def _ignore(stream: str, line: str) -> None:
    return
