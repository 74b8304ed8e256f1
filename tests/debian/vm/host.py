"""A running machine, as the suite sees it."""

from __future__ import annotations

import base64
import hashlib
import re

from tests.debian.tier import Answer, HostUnderTest
from tests.debian.vm.agent import AgentSilent
from tests.debian.vm.machine import PATIENCE, Machine, wait_for

LISTENING = "for port in 22 8006; do ss -Hltn sport = :$port | grep -q . || exit 1; done"
"""sshd and the Proxmox stand-ins."""

GRUB_CFG = "/boot/grub/grub.cfg"
END_OF_LINE, NEXT_LINE, BACKSPACE, BOOT = "\x05", "\x0e", "\x08", "\x18"
"""GRUB's editor: Ctrl-E, Ctrl-N, Ctrl-H, Ctrl-X."""
CURSOR = r"\x1b\[\?25h"
"""What GRUB draws last after a key; it loses keys that come while it draws."""


class VmHost(HostUnderTest):
    """Everything behind the application's back goes through the guest agent, never through sshd."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.ssh_port = machine.ssh_port
        self._slip, self._place = "", 0

    def ready(self) -> None:
        """Until SSH and API answer."""
        self.machine.wait_started()
        wait_for(lambda: self.run(LISTENING).rc == 0, PATIENCE, "sshd and the stand-ins listen")
        key = (self.read("/etc/ssh/ssh_host_ed25519_key.pub") or b"").split()[1]
        digest = base64.b64encode(hashlib.sha256(base64.b64decode(key)).digest()).decode()
        self.host_key = f"SHA256:{digest.rstrip('=')}"

    def run(self, command: str, stdin: bytes = b"", timeout: float = 120) -> Answer:
        return self.machine.agent.run(command, stdin, timeout)

    def read(self, path: str) -> bytes | None:
        answer = self.machine.agent.run(f"base64 < '{path}'")
        return base64.b64decode(answer.out) if answer.rc == 0 else None

    def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        answer = self.run(f"mkdir -p '{path.rpartition('/')[0]}' && cat > '{path}' && chmod {mode:o} '{path}'", data)
        assert answer.rc == 0, answer.err

    def boot_id(self) -> str:
        return self.run("cat /proc/sys/kernel/random/boot_id").out

    def reboot(self) -> None:
        before = self.boot_id()
        self.machine.agent.start("systemctl reboot")
        wait_for(lambda: self._another_boot(before), PATIENCE, "another boot")
        self.ready()

    def spoil_boot(self, line: str) -> None:
        """Append to the command line of the first entry, as somebody's slip in grub.cfg."""
        text = (self.read(GRUB_CFG) or b"").decode()
        spoiled, count = re.subn(r"(?m)^(\tlinux\t.*)$", rf"\1 {line}", text, count=1)
        if not count:
            raise NotImplementedError(f"{GRUB_CFG} starts nothing here")
        body = text[text.index("\nmenuentry ") :].splitlines()[2:]
        self._place = next(number for number, words in enumerate(body) if words.startswith("\tlinux\t"))
        self._slip = f" {line}"
        self.write(GRUB_CFG, spoiled.encode(), 0o444)

    def console_fix(self) -> None:
        """The recovery sheet, word for word: off and on, `e`, correct the line, Ctrl-X; then grub.cfg is made anew."""
        self.machine.switch_off_and_on()
        console = self.machine.console()
        try:
            console.read_until("GNU GRUB", PATIENCE)
            console.type("e")
            console.read_until("Ctrl-x", PATIENCE)
            # The editor shows `setparams` and an empty line before the body of the entry.
            for key in NEXT_LINE * (2 + self._place) + END_OF_LINE + BACKSPACE * len(self._slip):
                console.type(key)
                console.read_until(CURSOR, PATIENCE)
            console.type(BOOT)
            console.read_until("Booting a command list|Loading Linux", PATIENCE)
        finally:
            console.close()
        self.ready()
        assert self.run("update-grub").rc == 0

    def _another_boot(self, before: str) -> bool:
        try:
            return self.boot_id() != before
        except AgentSilent:
            return False
