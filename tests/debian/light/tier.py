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

from tests.debian.image.rootfs import as_root, missing_tools, rootfs
from tests.debian.light.host import INIT, PROJECT, LightHost
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
            tried = subprocess.run([*self._unshare, "sh", "-c", probe], cwd=folder, capture_output=True, text=True)
        return f"namespaces or overlay mounts are refused here: {tried.stderr.strip()}" if tried.returncode else None

    def lacks(self, need: str) -> str | None:
        return LACKS.get(need)

    @contextmanager
    def host(self, state: State) -> Iterator[HostUnderTest]:
        lower = f"{self._prepared(state)}:{self._lower}"
        folder = Path(tempfile.mkdtemp(prefix="host-", dir=self._session))
        running = LightHost(folder, lower, state, self._unshare)
        try:
            running.start()
            yield running
        finally:
            running.stop()
            subprocess.run([*as_root(), "rm", "-rf", str(folder)], check=True)

    def end(self) -> None:
        """Delete what all hosts of this run share."""
        if "_session" in self.__dict__:
            subprocess.run([*as_root(), "rm", "-rf", str(self._session)], check=True)

    def _prepared(self, state: State) -> Path:
        """The layer of what is done once for all hosts of a state."""
        folder = self._session / state
        if not folder.exists():
            folder.mkdir()
            words = [*self._unshare, *INIT, str(folder), str(self._lower), state, ""]
            subprocess.run(words, cwd=PROJECT, check=True)
        return folder / "upper"

    @cached_property
    def _unshare(self) -> list[str]:
        user = [] if os.geteuid() == 0 else ["-r", "--map-auto"]
        return [shutil.which("unshare") or "unshare", *user, *NAMESPACES]

    @cached_property
    def _session(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="pve-igpu-light-", dir=FAST if os.access(FAST, os.W_OK) else None))

    @cached_property
    def _lower(self) -> Path:
        """The unpacked root file system, read only by all hosts."""
        tar, folder = rootfs(), self._session / "lower"
        folder.mkdir()
        words = ["tar", "-xf", str(tar), "-C", str(folder), "--exclude=./dev/*"]
        subprocess.run([*as_root(), *words], check=True)
        return folder


TIER = LightTier()
