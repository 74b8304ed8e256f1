"""An SSH server on loopback that runs commands with this machine's own sh. It can be noisy, strict, or die."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import asyncssh

FAKE_SUDO = """#!/bin/sh
# sudo with a lecture: SUDO_PASSWORD is what it wants; without one, nothing is asked for.
printf '%s\\n' "$*" >> "$SUDO_LOG"
ask=yes
while [ "${1#-}" != "$1" ]; do
  case $1 in
    -n) ask=no ;;
    -p) shift ;;
    --) shift; break ;;
  esac
  shift
done
if [ -n "$SUDO_PASSWORD" ]; then
  echo "We trust you have received the usual lecture." >&2
  [ $ask = yes ] && read -r line && [ "$line" = "$SUDO_PASSWORD" ] || exit 1
fi
exec "$@"
"""


class Loopback:
    """A server in a thread of its own. Attributes may be changed while it runs."""

    def __init__(self, folder: Path) -> None:
        logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
        self.folder = folder
        self.port = 0
        self.passwords = {"root": "correct horse", "admin": "battery staple"}
        self.authorized: list[str] = []
        self.ways = {"password"}
        """password or key. (asyncssh ends a connection at a second attempt by paramiko; OpenSSH does not.)"""
        self.seen_passwords: list[str] = []
        self.noise = ""
        """What the login shell runs before every command."""
        self.input_limit = 0
        """Bytes of input after which the connection dies; 0: never."""
        self.sudo_password = ""
        self.host_keys = [asyncssh.generate_private_key("ssh-ed25519")]
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._running: dict[asyncio.Task[None], asyncio.subprocess.Process] = {}
        self._listener: asyncssh.SSHAcceptor | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        (folder / "bin").mkdir(parents=True)
        (folder / "bin/sudo").write_text(FAKE_SUDO)
        (folder / "bin/sudo").chmod(0o755)

    @property
    def fingerprint(self) -> str:
        return self.host_keys[0].get_fingerprint()

    @property
    def sudo_log(self) -> str:
        return (self.folder / "sudo.log").read_text()

    def start(self) -> None:
        """Listen; on the same port as before where there was one."""
        self._do(self._start())

    def stop(self) -> None:
        """Listen no more and drop every connection."""
        self._do(self._stop())

    def drop(self) -> None:
        """Cut every connection, as a pulled cable does."""
        self._do(self._drop())

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Connections stay open, and nothing answers: a host that hangs."""
        thaw = threading.Event()
        self._loop.call_soon_threadsafe(thaw.wait)
        try:
            yield
        finally:
            thaw.set()

    def settle(self) -> None:
        """Wait until every command has ended."""
        self._do(self._settle())

    def close(self) -> None:
        self.stop()
        self._do(self._end())
        self.settle()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _start(self) -> None:
        self._listener = await asyncssh.create_server(
            lambda: _Login(self),
            "127.0.0.1",
            self.port,
            server_host_keys=self.host_keys,
            process_factory=self._process,
            encoding=None,
            line_editor=False,
        )
        self.port = self._listener.get_port()

    async def _stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()
            self._listener = None
        await self._drop()

    async def _drop(self) -> None:
        for connection in list(self._connections):
            connection.abort()

    async def _settle(self) -> None:
        if self._running:
            _, left = await asyncio.wait(self._running, timeout=20)
            assert not left

    async def _end(self) -> None:
        for shell in self._running.values():
            with contextlib.suppress(ProcessLookupError):  # it ended by itself, its output is still read
                shell.kill()
        await self._settle()

    async def _process(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """asyncssh cancels this with the connection; the command goes on in a task of its own."""
        env = {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "SUDO_PASSWORD": self.sudo_password,
            "SUDO_LOG": f"{self.folder}/sudo.log",
        }
        pipe = asyncio.subprocess.PIPE
        command = f"{self.noise}\nexec {process.command}"
        shell = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", command, stdin=pipe, stdout=pipe, stderr=pipe, env=env
        )
        task = asyncio.create_task(self._serve(process, shell))
        self._running[task] = shell
        task.add_done_callback(self._running.pop)
        await asyncio.shield(task)

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes], shell: asyncio.subprocess.Process) -> None:
        assert shell.stdin is not None
        assert shell.stdout is not None
        assert shell.stderr is not None
        feeding = asyncio.create_task(self._feed(process, shell.stdin))
        await asyncio.gather(_copy(shell.stdout, process.stdout), _copy(shell.stderr, process.stderr))
        status = await shell.wait()
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        if status < 0:
            process.exit_with_signal("KILL")
        else:
            process.exit(status)

    async def _feed(self, process: asyncssh.SSHServerProcess[bytes], stdin: asyncio.StreamWriter) -> None:
        taken = 0
        try:
            while data := await process.stdin.read(1 << 16):
                stdin.write(data)
                await stdin.drain()
                taken += len(data)
                if self.input_limit and taken >= self.input_limit:
                    await self._drop()
                    return
        except (ConnectionError, asyncssh.Error):
            return
        finally:
            stdin.close()


class _Login(asyncssh.SSHServer):
    def __init__(self, server: Loopback) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._server._connections.discard(self._connection)

    def password_auth_supported(self) -> bool:
        return "password" in self._server.ways

    def validate_password(self, username: str, password: str) -> bool:
        self._server.seen_passwords.append(password)
        return self._server.passwords.get(username) == password

    def kbdint_auth_supported(self) -> bool:
        return False

    def public_key_auth_supported(self) -> bool:
        return "key" in self._server.ways

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.export_public_key("openssh").decode().split()[1] in self._server.authorized

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return dest_host == "127.0.0.1"


async def _copy(reader: asyncio.StreamReader, writer: asyncssh.SSHWriter[bytes]) -> None:
    """Where nobody listens any more the pipe is closed, as sshd does: a command that writes on ends by SIGPIPE."""
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, asyncssh.Error):
        reader._transport.close()  # type: ignore[attr-defined]
