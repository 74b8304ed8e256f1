"""The practice tier: the simulated host, in this process."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from practice.host import PracticeHost
from practice.shell.interpreter import Shell
from practice.shell.streams import Capture, Source
from practice.sshd import SshServer
from tests.debian.image.rootfs import SUDOER
from tests.debian.states import scenario
from tests.debian.tier import PASSWORD, WATCHED, Answer, HostUnderTest, State, Tier

SPEED = 60.0
PATIENCE = 20.0

LACKS = {
    "vfio": "nothing is really assigned",
    "boot": "the practice host's boot is a rule, not a boot loader",
    "real-sshd": "the SSH server is asyncssh's, not OpenSSH's",
}


class Practice(HostUnderTest):
    def __init__(self, host: PracticeHost) -> None:
        self._host = host
        access = host.start()
        host.machine.users[SUDOER] = PASSWORD
        self.ssh_port, self.host_key = access.ssh_port, access.host_key

    def run(self, command: str, stdin: bytes = b"", timeout: float = 120) -> Answer:
        return self._host.call(self._run(command, stdin))

    async def _run(self, command: str, stdin: bytes) -> Answer:
        out, err = Capture(), Capture()
        shell = Shell(self._host.machine, "bash", Source(stdin), out, err)
        shell.variables = {"HOME": "/root"}
        status = await shell.run_script(command)
        return Answer(status, out.data.decode("utf-8", "replace"), err.data.decode("utf-8", "replace"))

    def read(self, path: str) -> bytes | None:
        files = self._host.machine.fs
        return files.read(path) if files.exists(path) else None

    def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        self._host.machine.fs.put(path, data, mode)

    def tree(self) -> Mapping[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for folder in WATCHED:
            if self._host.machine.fs.is_dir(folder):
                self._collect(folder, found)
        return found

    def reboot(self) -> None:
        machine = self._host.machine
        before = machine.boot_id
        self.run("systemctl reboot")
        until = time.monotonic() + PATIENCE
        while machine.boot_id == before or not machine.up:
            assert time.monotonic() < until
            time.sleep(0.01)

    def cut(self) -> None:
        server = self._host.machine.listeners[0]
        assert isinstance(server, SshServer)

        async def drop() -> None:
            server.drop()

        self._host.call(drop())

    def add_user(self, name: str) -> None:
        self._host.machine.users[name] = PASSWORD
        self._host.machine.no_sudo.add(name)

    def _collect(self, folder: str, found: dict[str, tuple[str, str]]) -> None:
        files = self._host.machine.fs
        for name in files.listdir(folder):
            path = f"{folder}/{name}"
            node = files.resolve(path, follow=False)
            if node.kind == "dir":
                self._collect(path, found)
            elif node.kind == "file" and node.reader is None:
                found[path] = (f"{node.mode:o}", hashlib.sha256(node.read()).hexdigest())


class PracticeTier(Tier):
    name = "practice"

    def why_not(self) -> str | None:
        return None

    def lacks(self, need: str) -> str | None:
        return LACKS.get(need)

    @contextmanager
    def host(self, state: State) -> Iterator[HostUnderTest]:
        host = PracticeHost(scenario(state), speed=SPEED)
        try:
            yield Practice(host)
        finally:
            host.stop()


TIER = PracticeTier()
