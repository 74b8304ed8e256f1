"""A running light host, as the suite sees it."""

from __future__ import annotations

import base64
import hashlib
import socket
import subprocess
import sys
import threading
from pathlib import Path

from tests.debian.light.init import PATH, RESTART
from tests.debian.tier import Answer, HostUnderTest, State

PROJECT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0
INIT = [sys.executable, "-m", "tests.debian.light.init"]


class LightHost(HostUnderTest):
    """`lower`: the layers of its root file system. Connections are accepted here and handed into the host's own network
    namespace; while it restarts, nobody listens."""

    def __init__(self, folder: Path, lower: str, state: State, unshare: list[str]) -> None:
        self._folder = folder
        self._lower = lower
        self._state = state
        self._unshare = unshare
        self._changed = threading.Condition()
        self._boots = 0
        self._ending = False
        self._trouble = ""
        self.ssh_port = 0

    def start(self) -> None:
        """Returns when SSH and API answer."""
        self._boot()
        self._watch = threading.Thread(target=self._follow, name="light host", daemon=True)
        self._watch.start()
        key = (self.read("/etc/ssh/ssh_host_ed25519_key.pub") or b"").split()[1]
        digest = base64.b64encode(hashlib.sha256(base64.b64decode(key)).digest()).decode()
        self.host_key = f"SHA256:{digest.rstrip('=')}"

    def stop(self) -> None:
        """End every process of the host."""
        self._ending = True
        self._hang_up()
        self._control.close()
        self._watch.join(PATIENCE)
        if self._process.poll() is None:
            self._process.kill()

    def run(self, command: str, stdin: bytes = b"", timeout: float = 120) -> Answer:
        done = self._inside(["sh", "-c", command], stdin, timeout)
        return Answer(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def read(self, path: str) -> bytes | None:
        done = self._inside(["cat", path])
        return done.stdout if done.returncode == 0 else None

    def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        script = 'mkdir -p "${1%/*}" && cat > "$1" && chmod "$2" "$1"'
        done = self._inside(["sh", "-c", script, "sh", path, f"{mode:o}"], data)
        assert done.returncode == 0, done.stderr

    def reboot(self) -> None:
        before = self._boots
        self.run("systemctl reboot")
        with self._changed:
            assert self._changed.wait_for(lambda: self._boots > before or self._trouble, PATIENCE)
            assert not self._trouble, self._trouble

    def cut(self) -> None:
        # Every sshd here belongs to one connection.
        self.run("pkill -KILL -x sshd")

    def _inside(self, words: list[str], stdin: bytes = b"", timeout: float = 120) -> subprocess.CompletedProcess[bytes]:
        pid = self._process.pid
        user = ["-U", "--preserve-credentials"] if "-r" in self._unshare else []
        enter = ["nsenter", "-t", str(pid), *user, "-m", "-n", "-u", f"--pid=/proc/{pid}/ns/pid_for_children"]
        command = [*enter, "chroot", f"{self._folder}/root", "env", "-i", f"PATH={PATH}", "HOME=/root", *words]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=timeout, check=False)

    def _boot(self) -> None:
        self._control, theirs = socket.socketpair()
        words = [*INIT, str(self._folder), self._lower, self._state, str(theirs.fileno())]
        with theirs, (self._folder / "init.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._unshare, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=PROJECT,
                pass_fds=[theirs.fileno()],
            )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            self._process.wait()
            self._process.stdout.close()
            self._control.close()
            raise RuntimeError(f"the light host does not start:\n{self.log()}")
        self._listen()
        with self._changed:
            self._boots += 1
            self._changed.notify_all()

    def log(self) -> str:
        """What init and the stand-ins said."""
        files = [self._folder / name for name in ("init.log", "daemon.log")]
        return "\n".join(file.read_text(errors="replace")[-3000:] for file in files if file.exists())

    def _follow(self) -> None:
        """Restart when the host asked for it."""
        while True:
            status = self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            if self._ending:
                return
            self._hang_up()
            self._control.close()
            try:
                if status != RESTART:
                    raise RuntimeError(f"init ended with {status}:\n{self.log()}")
                self._boot()
            except RuntimeError as error:
                with self._changed:
                    self._trouble = str(error)
                    self._changed.notify_all()
                return

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.ssh_port))
        self.ssh_port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, args=(self._listener, self._control), daemon=True)
        self._accepting.start()

    def _hang_up(self) -> None:
        if self._listener.fileno() < 0:
            return
        # shutdown wakes the thread that accepts; close alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(PATIENCE)
        self._listener.close()

    @staticmethod
    def _accept(listener: socket.socket, control: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
                with connection:
                    socket.send_fds(control, [b"c"], [connection.fileno()])
            except OSError:
                return
