"""The light tier: Debian's own programs and sshd in namespaces, in a second."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from tests.debian.image.rootfs import as_root, missing_tools
from tests.debian.light.host import LightHost
from tests.debian.light.layers import Layers
from tests.debian.tier import HostUnderTest, State, Tier

NAMESPACES = ["-m", "-p", "-n", "-u", "-f", "--kill-child", "--mount-proc"]

FAST = "/dev/shm"
"""update-initramfs waits until the whole file system below is written: in memory that is at once."""

LACKS = {
    "systemd-boot": "no disk for an ESP",
    "vfio": "no driver core: /sys is generated",
    "boot": "nothing boots: a restart reads grub.cfg",
}


class LightTier(Tier):
    name = "light"

    def why_not(self) -> str | None:
        if not sys.platform.startswith("linux"):
            return "namespaces are Linux'"
        if missing := missing_tools():
            return f"missing here: apt-get install {' '.join(missing)}"
        probe = "mkdir u w r && mount -t overlay o -o lowerdir=/usr,upperdir=u,workdir=w r"
        with tempfile.TemporaryDirectory() as folder:
            words = [*self._unshare, "sh", "-c", probe]
            tried = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        return f"namespaces or overlay mounts are refused here: {tried.stderr.strip()}" if tried.returncode else None

    def lacks(self, need: str) -> str | None:
        return LACKS.get(need)

    @contextmanager
    def host(self, state: State) -> Iterator[HostUnderTest]:
        lower = self._layers.of(state)
        folder = Path(tempfile.mkdtemp(prefix="pve-igpu-light-", dir=FAST if os.access(FAST, os.W_OK) else None))
        running = LightHost(folder, lower, state, self._unshare)
        try:
            running.start()
            try:
                yield running
            finally:
                running.stop()
        finally:
            subprocess.run([*as_root(), "rm", "-rf", str(folder)], check=True)

    def end(self) -> None:
        if "_layers" in self.__dict__:
            self._layers.close()

    @cached_property
    def _unshare(self) -> list[str]:
        user = [] if os.geteuid() == 0 else ["-r", "--map-auto"]
        return [shutil.which("unshare") or "unshare", *user, *NAMESPACES]

    @cached_property
    def _layers(self) -> Layers:
        return Layers(self._unshare)


TIER = LightTier()
