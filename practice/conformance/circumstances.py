"""What was done to the recorded host between two exchanges, as its answers show it.

Somebody held a lock, enrolled a second factor, took a device node away, put a ROM there. No request tells of it, so
it is arranged here: the state of the host, never an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from practice.conformance.recording import Exchange, Recording
from practice.host import PracticeHost
from practice.pve import schema
from practice.pve.hostpci import ROM_FOLDER

LOCKED = re.compile(r"can't lock file '/var/lock/qemu-server/lock-(\d+)\.conf' - got timeout")
NO_NODE = "failed to open /dev/vfio/"
NO_ROM = re.compile(r"failed to find romfile")
START = re.compile(r"/nodes/[\w-]+/qemu/(\d+)/status/start|qm start (\d+)")


@contextmanager
def arranged(recording: Recording, exchange: Exchange, host: PracticeHost) -> Iterator[None]:
    """The host in the state that it had for this exchange."""
    machine = host.machine
    locked = LOCKED.search(exchange.text)
    if locked:
        machine.pve.vms.held.add(int(locked[1]))
    rows = exchange.data if not exchange.is_command and exchange.path == "/cluster/resources" else None
    if any("vmid" in row and row["status"] == "unknown" for row in rows or []):
        machine.pve.statistics_since = machine.clock.elapsed()
    _second_factor(recording, exchange, host)
    start = START.fullmatch(exchange.label if exchange.is_command else exchange.path)
    if start:
        told = exchange.text if exchange.is_command else recording.task(str(exchange.data)) or ""
        machine.kernel.vfio_nodes = NO_NODE not in told
        if NO_NODE not in told and not NO_ROM.search(told):
            _roms(host, int(start[1] or start[2]))
    try:
        yield
    finally:
        if locked:
            machine.pve.vms.held.discard(int(locked[1]))


def _second_factor(recording: Recording, exchange: Exchange, host: PracticeHost) -> None:
    """Somebody asked for a second factor has enrolled one; which code is right a later login shows."""
    if exchange.is_command or not isinstance(exchange.data, dict) or not exchange.data.get("NeedTFA"):
        return
    name = str(exchange.values["username"])
    for later in recording.exchanges[exchange.number :]:
        values = {} if later.is_command else later.values
        if "tfa-challenge" in values and values.get("username") == name and later.good:
            host.machine.pve.users.codes[name] = str(values["password"]).removeprefix("totp:")
            return


def _roms(host: PracticeHost, vmid: int) -> None:
    """A VM that started had the ROM files that its configuration names."""
    machine = host.machine
    if vmid not in machine.pve.vms.ids():
        return
    for key, value in machine.pve.vms.file(vmid).main.items():
        name = schema.properties(value, "host").get("romfile", "") if key.startswith("hostpci") else ""
        if name and not machine.fs.exists(f"{ROM_FOLDER}{name}"):
            machine.fs.put(f"{ROM_FOLDER}{name}", bytes(65536))
