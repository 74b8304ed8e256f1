"""Replays recorded commands over SSH."""

from __future__ import annotations

import re
from dataclasses import dataclass

import asyncssh

from practice.conformance import forms
from practice.conformance.recording import Exchange
from practice.host import Access, PracticeHost


@dataclass
class CliReplay:
    """One host; each command in a channel of its own, as root."""

    host: PracticeHost
    access: Access
    stand_ins: bool = False
    """QEMU's test devices were in the place of real ones: what QEMU says of real ones is not in the recording."""

    def differences(self, exchange: Exchange) -> list[str]:
        """Run, and compare status and both streams."""
        status, out, err = self.host.call(self._run(str(exchange.record["cmd"])))
        if self.stand_ins and status == 0:
            out = re.sub(r"(?m)^kvm: (?:vfio|info|warning): .*\n", "", out)
        found = [] if status == exchange.record["rc"] else [f"exit {exchange.record['rc']} is not {status}"]
        for name, ours in (("stdout", out), ("stderr", err)):
            found += [f"{name} {text}" for text in forms.lines(str(exchange.record[name]), ours)]
        return found

    async def _run(self, command: str) -> tuple[int, str, str]:
        async with asyncssh.connect(
            self.access.host,
            self.access.ssh_port,
            username=self.access.user,
            password=self.access.password,
            known_hosts=None,
            config=None,
            client_keys=None,
            encoding="utf-8",
        ) as connection:
            done = await connection.run(command, check=False)
        return done.exit_status or 0, str(done.stdout), str(done.stderr)
