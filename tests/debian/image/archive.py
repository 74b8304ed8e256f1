"""Files of ours as a tar that is unpacked over a root file system."""

from __future__ import annotations

import tarfile
from pathlib import Path

from tests.debian.image.cache import files


def pack(folder: Path, target: Path) -> None:
    """Every file of the folder, as root's: 0755 where it is executable, else 0644."""
    with tarfile.open(target, "w") as tar:
        for path in files(folder):
            info = tar.gettarinfo(path, str(path.relative_to(folder)))
            info.uid = info.gid = 0
            info.uname = info.gname = "root"
            info.mode = 0o755 if info.mode & 0o100 else 0o644
            with path.open("rb") as data:
                tar.addfile(info, data)
