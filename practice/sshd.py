"""The SSH server of the practice host: real protocol (asyncssh), password and public key, exec, SFTP, direct-tcpip."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import asyncssh

from practice.faults import Dropped, Faults, Settings
from practice.identity import ACTING, uid_of
from practice.link import Link, Relay
from practice.outputs import Outputs
from practice.sftp import HostFiles
from practice.shell.interpreter import Shell
from practice.shell.streams import Capture, Source

if TYPE_CHECKING:
    from practice.machine import Machine

Stream = Callable[[asyncssh.SSHReader[bytes], asyncssh.SSHWriter[bytes]], Awaitable[None]]

API_PORT = 8006
BLOCK = 1 << 16


class SshServer:
    """Listens on loopback; goes away and comes back with the machine, on the same port, with the same key."""

    def __init__(self, machine: Machine, port: int = 0) -> None:
        logging.getLogger("asyncssh").setLevel(logging.ERROR)
        self.machine = machine
        self.port = port
        self.link = Link()
        """The network in front of it."""
        self._relay: Relay | None = None
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._listener: asyncssh.SSHAcceptor | None = None

    @property
    def fingerprint(self) -> str:
        return self._key.get_fingerprint()

    async def start(self) -> int:
        """Listen; the port."""
        self._listener = await asyncssh.create_server(
            lambda: _Login(self),
            "127.0.0.1",
            0 if self.link.slow else self.port,
            server_host_keys=[self._key],
            process_factory=self._process,
            sftp_factory=lambda channel: HostFiles(channel, self.machine),
            allow_scp=True,
            encoding=None,
            line_editor=False,
        )
        if self.link.slow:
            self._relay = Relay(self.link, self._listener.get_port(), self.port)
            self.port = await self._relay.start()
        else:
            self.port = self._listener.get_port()
        return self.port

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._relay is not None:
            await self._relay.stop()
            self._relay = None
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()
            self._listener = None
        self.drop()

    def drop(self) -> None:
        """Break every connection; new ones are accepted."""
        for connection in list(self._connections):
            connection.abort()
        self._connections.clear()

    async def going_down(self) -> None:
        await self.stop()

    async def coming_up(self) -> None:
        await self.start()

    async def fault(self, before: Settings, now: Settings) -> None:
        """A new key at once; another link for new connections. Both listen anew on the same port."""
        if now.host_key_changed and not before.host_key_changed:
            self._key = asyncssh.generate_private_key("ssh-ed25519")
        elif now.link == before.link:
            return
        self.link = now.link
        if self._listener is not None:
            await self.stop()
            await self.start()

    def opened(self, connection: asyncssh.SSHServerConnection) -> None:
        self._connections.add(connection)

    def closed(self, connection: asyncssh.SSHServerConnection) -> None:
        self._connections.discard(connection)

    async def _process(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        try:
            self.machine.faults.action()
        except Dropped:
            process.channel.get_connection().abort()
            return
        user = str(process.get_extra_info("username"))
        ACTING.set(uid_of(user))
        script = process.command
        outputs = Outputs(process.stdout, process.stderr)
        source = _In(process, self.machine.faults)
        shell = Shell(self.machine, "bash", source, outputs.stdout, outputs.stderr)
        home = "/root" if user == "root" else f"/home/{user}"
        peer, local = process.get_extra_info("peername"), process.get_extra_info("sockname")
        connection = f"{peer[0]} {peer[1]} {local[0]} {local[1]}"
        shell.variables = {"HOME": home, "USER": user, "PATH": "/usr/sbin:/usr/bin", "SSH_CONNECTION": connection}
        shell.variables |= {"SHELL": "/bin/bash", "LOGNAME": user}
        shell.cwd = home
        shell.exported = set(shell.variables)
        shell.user = user
        try:
            status = await (shell.run_script(script) if script else self._interactive(shell, process))
        except (BrokenPipeError, ConnectionError, asyncssh.Error):
            return
        outputs.flush()
        process.exit(status)

    async def _interactive(self, shell: Shell, process: asyncssh.SSHServerProcess[bytes]) -> int:
        """A prompt and whole lines; enough for a person who looks around."""
        while True:
            if process.term_type:
                shell.stdout.write(f"root@{self.machine.node}:~# ".encode())
            line = await process.stdin.readline()
            text = line.decode("utf-8", "replace").strip()
            if not line or text.split()[:1] == ["exit"]:
                return int(text[4:].strip() or shell.status) if text[4:].strip().isdigit() else shell.status
            shell.status = await shell.run_script(text)


class _Login(asyncssh.SSHServer):
    """Who may log in, and where a forwarded connection leads."""

    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.opened(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._server.closed(self._connection)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._server.machine.users.get(username) == password

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        home = "/root" if username == "root" else f"/home/{username}"
        known = self._server.machine.fs.text(f"{home}/.ssh/authorized_keys")
        shown = key.export_public_key("openssh").decode().split()[1]
        return username in self._server.machine.users and shown in known.split()

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Stream:
        machine = self._server.machine
        if dest_port in (API_PORT, machine.api_port) and dest_host in ("127.0.0.1", "localhost", machine.node):
            return _to_api(machine)
        if machine.guest_port_open(dest_host, dest_port):
            return _silence
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "Connection refused")


async def _silence(reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes]) -> None:
    """Something in the VM that listens; what it would say is not simulated."""
    await reader.read()
    writer.close()


def _to_api(machine: Machine) -> Stream:
    async def forward(reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes]) -> None:
        try:
            inner, outer = await asyncio.open_connection("127.0.0.1", machine.api_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, outer), _copy(inner, writer))

    return forward


async def _copy(
    reader: asyncssh.SSHReader[bytes] | asyncio.StreamReader, writer: asyncssh.SSHWriter[bytes] | asyncio.StreamWriter
) -> None:
    try:
        while data := await reader.read(BLOCK):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, asyncssh.Error, BrokenPipeError):
        return
    finally:
        writer.close()


class _In:
    """The channel's input as a `Reader`."""

    def __init__(self, process: asyncssh.SSHServerProcess[bytes], faults: Faults) -> None:
        self._process = process
        self._faults = faults

    async def read(self, size: int = -1) -> bytes:
        try:
            data = await self._process.stdin.read(size)
            self._faults.upload(len(data))
            return data
        except Dropped:
            self._process.channel.get_connection().abort()
            raise
        except (asyncssh.BreakReceived, asyncssh.SignalReceived, asyncssh.TerminalSizeChanged):
            return b""


async def run_on(machine: Machine, script: str) -> tuple[int, str, str]:
    """Run a script on the machine without a connection: (status, stdout, stderr). For the host itself and tests."""
    out, err = Capture(), Capture()
    shell = Shell(machine, "bash", Source(), out, err)
    shell.variables = {"HOME": "/root"}
    status = await shell.run_script(script)
    return status, out.data.decode("utf-8", "replace"), err.data.decode("utf-8", "replace")
