"""Storages whose volumes are files: what is there after a restart is what is on the disk."""

from __future__ import annotations

import os
from pathlib import Path

from practice.machine import Machine
from practice.pve.storage import Storages


class RealStorages(Storages):
    """Only folders; a disk is a sparse raw file."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        for row in self.rows("images"):
            folder = Path(self.get(row["storage"])["path"]) / "images"
            for file in folder.glob("*/vm-*-disk-*.raw"):
                self.volumes[f"{row['storage']}:{file.parent.name}/{file.name}"] = file.stat().st_size

    def save(self) -> None:
        """What somebody wrote into storage.cfg stays."""
        if not Path("/etc/pve/storage.cfg").exists():
            super().save()

    def allocate(self, name: str, vmid: int, size: int) -> str:
        volid = super().allocate(name, vmid, size)
        path = Path(self.path(volid))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o640)
        os.truncate(path, size)
        return volid

    def drop(self, volid: str) -> list[str]:
        path = Path(self.path(volid))
        path.unlink(missing_ok=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
        return super().drop(volid)

    def resize(self, volid: str, size: int) -> list[str]:
        os.truncate(self.path(volid), size)
        return super().resize(volid, size)
