"""The vm tier: a real boot, kernel, IOMMU and vfio under QEMU without KVM; minutes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.debian.image import disk, rootfs
from tests.debian.tier import HostUnderTest, State, Tier
from tests.debian.vm import machine
from tests.debian.vm.golden import FIRMWARE, golden, overlay
from tests.debian.vm.host import VmHost

LACKS = {"real-sshd": "the same OpenSSH as on light, where a test needs no boot"}


class VmTier(Tier):
    name = "vm"
    by_default = False

    def why_not(self) -> str | None:
        if not sys.platform.startswith("linux"):
            return "the disks are made with Linux' tools"
        missing = [*rootfs.missing_tools(), *disk.missing_tools(), *machine.missing_tools()]
        if missing:
            return f"missing here: apt-get install {' '.join(missing)}"
        tried = subprocess.run([*rootfs.as_root(), "true"], capture_output=True, text=True, check=False)
        return f"neither root nor a user namespace here: {tried.stderr.strip()}" if tried.returncode else None

    def lacks(self, need: str) -> str | None:
        return LACKS.get(need)

    @contextmanager
    def host(self, state: State) -> Iterator[HostUnderTest]:
        base = golden(state)
        folder = Path(tempfile.mkdtemp(prefix="pve-igpu-vm-"))
        try:
            own = overlay(base, folder / "disk.qcow2")
            with machine.Machine(own, folder, FIRMWARE[state]) as running:
                host = VmHost(running)
                host.ready()
                if state == "secure-boot":
                    # Only proxmox-boot-tool's list made the command line file count (facts: pve.md 5.1).
                    host.run("rm /etc/kernel/proxmox-boot-uuids")
                yield host
        finally:
            shutil.rmtree(folder)


TIER = VmTier()
