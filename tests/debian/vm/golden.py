"""Disks as tests begin with them: started once, so that GRUB is installed by its own program and all is settled."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tests.debian.image import disk
from tests.debian.image.cache import cached, recipe
from tests.debian.image.disk import Loader
from tests.debian.tier import STATES, State
from tests.debian.vm.machine import Firmware, Machine

FIRMWARE: dict[State, Firmware] = {"grub": "bios", "systemd-boot": "uefi", "secure-boot": "uefi"}

SEAL: dict[Loader, str] = {
    "grub": "grub-install /dev/vda && update-grub",
    "systemd-boot": "update-grub && proxmox-boot-tool refresh",
}
SETTLED = " && ".join(
    (
        "systemctl enable cpu-flags",
        "systemctl mask e2scrub_reap",
        "rm -f /etc/machine-id /var/lib/dbus/machine-id",
        "touch /etc/machine-id",
        "fstrim /",
        "sync",
    )
)


def golden(state: State) -> Path:
    """A raw disk, never written again; from the cache or built."""
    loader: Loader = "grub" if state == "grub" else "systemd-boot"
    key = recipe(disk.disk_recipe(loader), SEAL[loader], SETTLED)
    made = cached(f"{loader}.raw", key, lambda target: _seal(loader, target))
    return cached("secure-boot.raw", key, lambda target: _with_grub(made, target)) if state == "secure-boot" else made


def _with_grub(base: Path, target: Path) -> None:
    subprocess.run(["cp", "--sparse=always", str(base), str(target)], check=True)
    disk.start_grub(target)


def overlay(base: Path, target: Path) -> Path:
    """A disk of its own for one machine; only what it changes is written."""
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base), "-F", base.suffix[1:], str(target)]
    subprocess.run(command, check=True)
    return target


def _seal(loader: Loader, target: Path) -> None:
    disk.build(loader, target)
    with (
        tempfile.TemporaryDirectory(prefix="pve-igpu-seal-") as folder,
        Machine(target, Path(folder), FIRMWARE[loader]) as machine,
    ):
        machine.wait_started()
        for command in (SEAL[loader], SETTLED):
            answer = machine.agent.run(command, timeout=300)
            if answer.rc:
                raise RuntimeError(f"{command}: {answer.rc}\n{answer.out}{answer.err}")
        machine.agent.start("systemctl poweroff")
        machine.wait_off()


if __name__ == "__main__":
    from tests.debian.image.cache import notes

    for name in STATES:
        golden(name)
    print("\n".join(notes))
