"""What a tier is: a way to have a host in a known state, reached by SSH alone as the application reaches it.

The suite knows nothing else of a tier. Three fulfil it: `practice_tier.py`, `light/tier.py`, `vm/tier.py`.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent

State = Literal["grub", "systemd-boot", "secure-boot"]
"""`grub`: fresh, ext4, BIOS. `systemd-boot`: UEFI, /etc/kernel/cmdline counts. `secure-boot`: UEFI and GRUB although
/etc/kernel/cmdline exists."""

STATES: tuple[State, ...] = ("grub", "systemd-boot", "secure-boot")

IGPU, AUDIO = "0000:00:02.0", "0000:00:1f.3"
"""8086:46d1 and 8086:54c8 on every tier; driven by i915 and snd_hda_intel until the guide has done its work."""

PASSWORD = "practice password"
"""Of root, and of the user `keeper` who may use sudo, on every tier."""


WATCHED = ("/etc", "/boot/grub", "/root", "/usr/local", "/usr/share/kvm", "/var/lib/vz")
"""Where the guide writes, and where it must not leave anything."""


_LIST = """
list() {{ find {folders} -xdev -type f ! -path '/etc/pve/.*' "$@"; }}
list -printf '%m %p\\n'
echo
list -size -64M -exec sha256sum {{}} +
"""


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it printed."""

    rc: int
    out: str
    err: str


class HostUnderTest(abc.ABC):
    """A running host. Ports are on 127.0.0.1 of this computer, but `api_port` is the host's own (the application
    tunnels to it)."""

    address: str = "127.0.0.1"
    ssh_port: int
    api_port: int = 8006
    user: str = "root"
    password: str = PASSWORD
    host_key: str
    """SHA256:... of the key that a client of ours is shown (ed25519)."""

    @abc.abstractmethod
    def run(self, command: str, stdin: bytes = b"", timeout: float = 120) -> Answer:
        """A shell command as root, behind the application's back."""

    @abc.abstractmethod
    def read(self, path: str) -> bytes | None:
        """A file of the host; None where there is none."""

    @abc.abstractmethod
    def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Create or replace a file of the host, its folder too."""

    def tree(self) -> Mapping[str, tuple[str, str]]:
        """Every file that an undo must leave as it was: path -> (mode, sha256). Of /boot only what is the same when
        it is built again; of a VM's disks only that they are there."""
        found = self.run(_LIST.format(folders=" ".join(WATCHED)), timeout=600)
        modes, _, sums = found.out.partition("\n\n")
        hashes = {path: digest for digest, _, path in (line.partition("  ") for line in sums.splitlines())}
        rows = (line.partition(" ") for line in modes.splitlines())
        return {path: (mode, hashes.get(path, "")) for mode, _, path in rows}

    @abc.abstractmethod
    def reboot(self) -> None:
        """Restart, and wait until SSH and API answer (not through the application)."""

    def cut(self) -> None:
        """Break every SSH connection now; new ones are accepted. Default: end the sessions' own sshd processes."""
        self.run("pkill -KILL -f '^sshd: .*@|^sshd: .*\\[priv\\]|^sshd-session' || true")

    def add_user(self, name: str) -> None:
        """A user with the same password, who may not use sudo."""
        self.run(f"useradd -m -s /bin/bash {name}")
        self.run("chpasswd", f"{name}:{self.password}\n".encode())

    def spoil_boot(self, line: str) -> None:
        """Make the next boot fail by a bad kernel command line. Raises NotImplementedError where nothing boots."""
        raise NotImplementedError

    def console_fix(self) -> None:
        """What a person does at the console after `spoil_boot`: boot with the old line and repair the loader."""
        raise NotImplementedError


class Tier(abc.ABC):
    """One way to have hosts."""

    name: str
    by_default: bool = True
    """Whether a plain test run uses it where it can."""

    @abc.abstractmethod
    def why_not(self) -> str | None:
        """Why it cannot run here, in words for the person; None: it can."""

    def lacks(self, need: str) -> str | None:
        """Why a test that needs something ("vfio", "real-sshd", "boot") is not run on this tier; None: it has it."""
        return None

    def end(self) -> None:  # noqa: B027 (most tiers keep nothing)
        """After the last test: delete what all hosts shared."""

    @abc.abstractmethod
    def host(self, state: State) -> AbstractContextManager[HostUnderTest]:
        """A fresh host in that state; everything ends with the context."""


PLACES = {"practice": "tests.debian.practice_tier", "light": "tests.debian.light.tier", "vm": "tests.debian.vm.tier"}
"""Each module has `TIER`."""


def load(name: str) -> Tier:
    """The tier of that name. Raises KeyError for an unknown one."""
    tier: Tier = import_module(PLACES[name]).TIER
    return tier
