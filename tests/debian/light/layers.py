"""The root file system and what every host of a state has beside it: made once for a run of the tests, then shared."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.debian.image.rootfs import as_root, rootfs
from tests.debian.light.host import INIT, PROJECT
from tests.debian.tier import State

RUN = "PYTEST_XDIST_TESTRUNUID"
"""The same for all processes of one run of the tests."""


class Layers:
    """Folders below one that all processes of a run share; the last one to close deletes it."""

    def __init__(self, unshare: list[str]) -> None:
        self._unshare = unshare
        name = os.environ.get(RUN) or secrets.token_hex(8)
        self._folder = Path(tempfile.gettempdir()) / f"pve-igpu-layers-{name}"
        self._folder.mkdir(exist_ok=True)
        self._used = (self._folder / "used").open("w")
        _lock(self._used, exclusive=False)

    def of(self, state: State) -> str:
        """overlayfs' lowerdir of a host in that state."""
        with self._making():
            lower, prepared = self._folder / "lower", self._folder / state
            if not lower.exists():
                tar = rootfs()
                lower.mkdir()
                unpack = ["tar", "-xf", str(tar), "-C", str(lower), "--exclude=./dev/*"]
                subprocess.run([*as_root(), *unpack], check=True)
            if not prepared.exists():
                prepared.mkdir()
                words = [*self._unshare, *INIT, str(prepared), str(lower), state, ""]
                subprocess.run(words, cwd=PROJECT, check=True)
        return f"{prepared}/upper:{lower}"

    def close(self) -> None:
        """Delete everything, unless another process still uses it."""
        with self._making():
            last = _lock(self._used, exclusive=True, wait=False)
            self._used.close()
        if last:
            subprocess.run([*as_root(), "rm", "-rf", str(self._folder)], check=True)

    @contextmanager
    def _making(self) -> Iterator[None]:
        with (self._folder / "making").open("w") as file:
            _lock(file, exclusive=True)
            yield


def _lock(file: IO[str], *, exclusive: bool, wait: bool = True) -> bool:
    """Until the file is closed; False where somebody else has it and we do not wait."""
    import fcntl  # not on Windows, where this tier does not run

    try:
        fcntl.flock(file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
