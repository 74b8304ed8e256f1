"""How long it takes to know a host: `uv run python -m tests.benchmarks.survey [ROUNDS]`.

Cold (connect, log in, one exec) and warm (one more exec), at 0 and 100 ms round trip, against the practice host and
against this computer's own sshd. Each round does every case once, so that a busy computer spoils all of them alike.
The goal of a case: cold 8 round trips + 45 ms, warm 1 round trip + 15 ms, both plus the script's own run on the host,
which is timed beside it without a network. Printed: milliseconds and time / goal, for the median and for the best
round - on a computer that does much else only the best one says something.
"""

from __future__ import annotations

import json
import os
import pwd
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from guide.facts.script import SURVEY
from guide.facts.survey import take_survey
from practice.host import PracticeHost
from practice.link import Link
from practice.sshd import run_on
from ssh.connect import Secrets, connect
from ssh.profiles import Profile
from ssh.secret import Secret
from tests.benchmarks.relay import relayed
from tests.unit.ssh.openssh import SSHD, OpenSshd

SCENARIO = "n100-pve82"
ROUND_TRIPS = (0.0, 0.1)
COLD, WARM = (8, 0.045), (1, 0.015)
"""Round trips and seconds beside the host's own work (facts: performance.md, Goals)."""


@dataclass
class Case:
    """One server at one distance; all times in seconds."""

    name: str
    round_trip: float
    profile: Profile
    secrets: Secrets
    own: Callable[[], None]
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)

    def measure(self) -> None:
        self.work.append(timed(self.own))
        started = time.perf_counter()
        host = connect(self.profile, self.secrets, on_new_key=lambda question: False, is_practice=True)
        try:
            take_survey(host)
            self.cold.append(time.perf_counter() - started)
            for _ in range(3):
                self.warm.append(timed(lambda: take_survey(host)))
        finally:
            host.close()

    def rows(self) -> Iterator[str]:
        for what, times, (trips, extra) in (("cold", self.cold, COLD), ("warm", self.warm, WARM)):
            words = [f"{self.name:9} {self.round_trip * 1000:4.0f} ms {what}"]
            for kind, pick in (("median", statistics.median), ("best", min)):
                took, work = pick(times) * 1000, pick(self.work) * 1000
                goal = (trips * self.round_trip + extra) * 1000 + work
                words.append(f"{kind} {took:6.0f} goal {goal:6.0f} (host {work:5.0f}) ratio {took / goal:.2f}")
            yield "  ".join(words)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def practice_case(round_trip: float) -> Iterator[Case]:
    """The served practice host is a process of its own, as a real host is; its script is timed in this one."""
    command = [sys.executable, "-m", "gui.cli", "practice", "serve", SCENARIO, "--round-trip", str(round_trip * 1000)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    local = PracticeHost(SCENARIO)
    try:
        line = json.loads(process.stdout.readline())
        local.start()
        profile = Profile("b", line["host"], ssh_port=line["ssh_port"], host_key=line["host_key"])
        script = f"set -- @w\n{SURVEY}"
        own = lambda: local.call(run_on(local.machine, script))  # noqa: E731
        yield Case("practice", round_trip, profile, Secrets(password=Secret(line["password"])), own)
    finally:
        local.stop()
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextmanager
def openssh_case(round_trip: float) -> Iterator[Case]:
    with tempfile.TemporaryDirectory() as folder:
        server = OpenSshd(Path(folder))
        server.start()
        try:
            with relayed(Link(round_trip), server.port) as port:
                key = server.fingerprints["ed25519"]
                profile = Profile(
                    "b", "127.0.0.1", port, user=server.user, auth="key", key_file=str(server.key_file), host_key=key
                )
                yield Case("sshd", round_trip, profile, Secrets(), run_here)
        finally:
            server.stop()


def run_here() -> None:
    """As sshd does: by the login shell, which reads .bashrc when it sees that sshd started it."""
    shell = pwd.getpwuid(os.geteuid()).pw_shell
    command = shlex.join(["sh", "-c", SURVEY, "sh", "@w"])
    environment = {**os.environ, "SSH_CLIENT": "127.0.0.1 1 2", "SHLVL": "0", "LC_ALL": "C"}
    subprocess.run([shell, "-c", command], capture_output=True, check=False, env=environment)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with ExitStack() as stack:
        cases = [stack.enter_context(practice_case(trip)) for trip in ROUND_TRIPS]
        if SSHD is not None:
            cases += [stack.enter_context(openssh_case(trip)) for trip in ROUND_TRIPS]
        for _ in range(rounds):
            for case in cases:
                case.measure()
    for case in cases:
        print("\n".join(case.rows()))


if __name__ == "__main__":
    main()
