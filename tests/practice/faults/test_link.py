"""The network before the practice host's SSH server takes the time that it is told to take."""

from __future__ import annotations

import time

from practice.host import PracticeHost
from practice.link import Link
from ssh.connect import Secrets, connect
from ssh.profiles import Profile
from ssh.secret import Secret

ROUND_TRIP = 0.1
RATE = 512 << 10


def seconds(link: Link, command: str) -> float:
    """How long one command takes over an open connection; /root/big holds 256 KiB."""
    made = PracticeHost("n100-pve82", speed=60, link=link)
    with made as access:
        made.machine.fs.put("/root/big", bytes(262144))
        profile = Profile(name="p", address="127.0.0.1", ssh_port=access.ssh_port, api_port=1, host_key=access.host_key)
        secrets = Secrets(password=Secret(access.password))
        host = connect(profile, secrets, on_new_key=lambda question: False, is_practice=True)
        began = time.monotonic()
        assert host.run(command.split()).status == 0
        taken = time.monotonic() - began
        host.close()
    return taken


def test_a_command_takes_at_least_its_round_trips() -> None:
    """Open the channel, ask for the command: two questions that are answered."""
    assert seconds(Link(round_trip=ROUND_TRIP), "true") >= 2 * ROUND_TRIP


def test_the_rate_limits_what_arrives() -> None:
    assert seconds(Link(rate=RATE), "cat /root/big") >= 262144 / RATE
