"""The one process behind Proxmox VE's port 8006 and its command line tools on the host under test.

    python3 -m tests.debian.inside.daemon CONFIG

CONFIG is JSON: {"scenario": table, "passwords": {user: password}}. Commands come over SOCKET with their own streams as
file descriptors (client.py); it is there once everything answers. Tokens and the key of the tickets outlive a restart,
as on a real host.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path
from typing import Any

from practice.api.certificates import Certificates, generate
from practice.api.server import ApiServer
from practice.pve.service import Pve
from practice.pve.users import Token
from practice.scenario import Scenario
from practice.shell.context import COMMANDS, Context
from tests.debian.inside.machine import HostMachine
from tests.debian.inside.storages import RealStorages

SOCKET = "/run/pve-stand-ins.socket"
STATE = Path("/var/lib/pve-stand-ins/state.json")
PORT = 8006


class Descriptor:
    """A stream of the client's own: reads and writes block, so they happen in a thread or are small."""

    def __init__(self, number: int) -> None:
        self._number = number

    async def read(self, size: int = -1) -> bytes:
        if size >= 0:
            return await asyncio.to_thread(os.read, self._number, size)
        parts = []
        while part := await self.read(1 << 16):
            parts.append(part)
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._number, data) :]

    async def drain(self) -> None:
        return


async def serve(config: dict[str, Any]) -> None:
    """Until SIGTERM."""
    machine = HostMachine(Scenario("host", config["scenario"]), config["passwords"])
    machine.pve = Pve(machine, RealStorages(machine))
    await machine.install()
    _recall(machine)
    api = ApiServer(machine, _certificates(machine), PORT)
    await api.start()
    machine.listeners = [api]
    Path(SOCKET).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(SOCKET)
    Path(SOCKET).chmod(0o666)
    listener.listen()
    listener.setblocking(False)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    accepting = asyncio.create_task(_accept(machine, listener))
    await ended.wait()
    accepting.cancel()
    _remember(machine)
    machine.pve.tasks.end_all()
    for vmid in list(machine.guests):
        await machine.switched_off(vmid)
    await api.stop()


async def _accept(machine: HostMachine, listener: socket.socket) -> None:
    running: set[asyncio.Task[None]] = set()
    while True:
        connection, _ = await asyncio.get_running_loop().sock_accept(listener)
        task = asyncio.create_task(_command(machine, connection))
        running.add(task)
        task.add_done_callback(running.discard)


async def _command(machine: HostMachine, connection: socket.socket) -> None:
    """One command; the answer is its exit status."""
    with connection:
        connection.setblocking(True)
        data, descriptors, _, _ = await asyncio.to_thread(socket.recv_fds, connection, 1 << 20, 3)
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        user = pwd.getpwuid(struct.unpack("3i", credentials)[1]).pw_name
        asked = json.loads(data)
        streams = [Descriptor(number) for number in descriptors]
        context = Context(machine, asked["argv"], *streams, env=asked["env"], cwd=asked["cwd"], user=user)
        try:
            status = await COMMANDS[asked["argv"][0]](context)
        except BrokenPipeError:
            status = 141
        except Exception:
            context.err(traceback.format_exc())
            status = 255
        finally:
            for number in descriptors:
                os.close(number)
        _remember(machine)
        connection.sendall(bytes([status & 0xFF]))


def _certificates(machine: HostMachine) -> Certificates:
    """As an installation makes them, once."""
    folder = Path("/etc/pve")
    places = folder / "pve-root-ca.pem", *(folder / f"nodes/{machine.node}/pve-ssl.{end}" for end in ("pem", "key"))
    if not places[0].exists():
        made = generate(machine.node)
        for place, text in zip(places, (made.ca, made.certificate, made.key), strict=True):
            place.write_bytes(text)
            place.chmod(0o640)
    return Certificates(*(place.read_bytes() for place in places))


def _remember(machine: HostMachine) -> None:
    users = machine.pve.users
    tokens = {name: [token.secret, token.privsep, token.comment] for name, token in users.tokens.items()}
    STATE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    STATE.touch(0o600)
    STATE.write_text(json.dumps({"key": users.key.hex(), "tokens": tokens}))


def _recall(machine: HostMachine) -> None:
    if STATE.exists():
        held = json.loads(STATE.read_text())
        machine.pve.users.key = bytes.fromhex(held["key"])
        machine.pve.users.tokens = {name: Token(*values) for name, values in held["tokens"].items()}


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text())))
