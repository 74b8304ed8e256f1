"""Storages: what they hold, allocate and refuse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from practice.pve.errors import PveError, died, invalid

if TYPE_CHECKING:
    from practice.machine import Machine

GIB = 1 << 30


class Storages:
    """The storages of the scenario. Volumes of block storages are remembered by name and size."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._table: dict[str, dict[str, Any]] = {row["name"]: row for row in machine.scenario.get("storage", [])}
        self.volumes: dict[str, int] = {}
        """volid -> bytes of allocated disks."""

    def get(self, name: str) -> dict[str, Any]:
        if name not in self._table:
            raise died(f"storage '{name}' does not exist")
        return self._table[name]

    def has(self, name: str) -> bool:
        return name in self._table

    def active(self, name: str) -> dict[str, Any]:
        """The storage when it can be used. Raises what LVM says of a pool that is not there."""
        row = self.get(name)
        if row.get("broken"):
            raise died(f"no such logical volume {row.get('vgname')}/{row.get('thinpool')}")
        return row

    def rows(self, content: str = "") -> list[dict[str, Any]]:
        """As GET nodes/{node}/storage."""
        return [
            self.status(name)
            for name, row in self._table.items()
            if not content or content in row["content"].split(",")
        ]

    def supports_images(self, name: str) -> None:
        """Raises 400 for a storage that cannot hold disks."""
        if "images" not in self.get(name)["content"].split(","):
            raise invalid(storage=f"storage '{name}' does not support vm images")

    def check_all(self) -> None:
        """Every storage is looked through. Raises for one that is broken."""
        for name in self._table:
            self.active(name)

    def status(self, name: str) -> dict[str, Any]:
        row = self.get(name)
        if row.get("broken"):
            dead = dict.fromkeys(("active", "avail", "shared", "total", "used"), 0)
            return {"storage": name, "type": row["type"], "content": row["content"], "enabled": 1, **dead}
        total, used = int(row["total_gib"]) * GIB, int(row["used_gib"]) * GIB
        used += sum(size for volid, size in self.volumes.items() if volid.startswith(f"{name}:"))
        return {
            "storage": name,
            "type": row["type"],
            "content": row["content"],
            "active": 1,
            "enabled": 1,
            "shared": 0,
            "total": total,
            "used": used,
            "avail": total - used,
            "used_fraction": used / total,
        }

    def content(self, name: str, kind: str = "") -> list[dict[str, Any]]:
        """ISOs and disks of a storage."""
        row = self.active(name)
        found: list[dict[str, Any]] = []
        folder = f"{row.get('path')}/template/iso"
        if "path" in row and kind in ("", "iso") and self._machine.fs.is_dir(folder):
            for entry in self._machine.fs.listdir(folder):
                if re.search(r"(?i)\.(iso|img)$", entry):
                    node = self._machine.fs.resolve(f"{folder}/{entry}")
                    volid = f"{name}:iso/{entry}"
                    found.append(
                        {"volid": volid, "content": "iso", "format": "iso", "size": node.size, "ctime": int(node.mtime)}
                    )
        if kind in ("", "images"):
            for volid, size in sorted(self.volumes.items()):
                if volid.startswith(f"{name}:"):
                    owner = int(re.findall(r"vm-(\d+)-", volid)[0])
                    found.append({"volid": volid, "content": "images", "format": "raw", "size": size, "vmid": owner})
        return found

    def path(self, volid: str) -> str:
        """Where a volume is on the host."""
        name, _, rest = volid.partition(":")
        row = self.get(name)
        if rest.startswith("iso/"):
            return f"{row.get('path')}/template/{rest}"
        if "path" in row:
            return f"{row['path']}/images/{rest}"
        if row["type"] == "zfspool":
            return f"/dev/zvol/{row.get('pool')}/{rest}"
        return f"/dev/{row.get('vgname', name)}/{rest}"

    def exists(self, volid: str) -> bool:
        return volid in self.volumes or (":" in volid and self._machine.fs.exists(self.path(volid)))

    def size_text(self, volid: str) -> str:
        """As in a configuration: 64G, 4M, 128K."""
        size = self.volumes.get(volid)
        if size is None:
            size = self._machine.fs.resolve(self.path(volid)).size
        for unit, factor in (("G", GIB), ("M", 1 << 20), ("K", 1 << 10)):
            if size % factor == 0 and size:
                return f"{size // factor}{unit}"
        return str(size)

    def allocate(self, name: str, vmid: int, size: int) -> str:
        """A new disk; its volume id."""
        row = self.active(name)
        self.supports_images(name)
        if self.status(name)["avail"] < size:
            raise died(f"not enough free space on storage '{name}'")
        shape = f"{name}:{vmid}/vm-{vmid}-disk-{{}}.raw" if "path" in row else f"{name}:vm-{vmid}-disk-{{}}"
        number = 0
        while self.exists(shape.format(number)):
            number += 1
        volid = shape.format(number)
        self.volumes[volid] = size
        return volid

    def made_line(self, volid: str) -> list[str]:
        """What the storage prints when a disk was allocated."""
        name, _, rest = volid.partition(":")
        return [f'  Logical volume "{rest}" created.'] if self.get(name)["type"] == "lvmthin" else []

    def drop(self, volid: str) -> list[str]:
        """Remove an allocated disk; the lines that the storage prints."""
        del self.volumes[volid]
        name, _, rest = volid.partition(":")
        return [f'  Logical volume "{rest}" successfully removed.'] if self.get(name)["type"] == "lvmthin" else []

    def upload_target(self, name: str, content: str, filename: str) -> str:
        """The path that an upload or download goes to; the name cleaned as PVE does."""
        row = self.get(name)
        if "path" not in row:
            raise died(f"can't upload to storage type '{row['type']}'")
        if content not in row["content"].split(","):
            raise died(f"storage '{name}' does not support '{content}' content")
        cleaned = re.sub(r"[^a-zA-Z0-9_.-]", "_", filename.replace("\\", "/").rsplit("/", 1)[-1])
        if not re.search(r"\.(?:iso|img)$", cleaned):
            raise invalid(filename="wrong file extension")
        return f"{row['path']}/template/iso/{cleaned}"

    def delete(self, volid: str) -> list[str]:
        """Remove a volume; the lines that the task prints. A missing ISO is no error."""
        if volid in self.volumes:
            return [*self.drop(volid), f"Removed volume '{volid}'"]
        path = self.path(volid)
        if "iso/" not in volid:
            raise PveError(400, "Parameter verification failed.", {"volume": "unable to parse volume"})
        if not self._machine.fs.exists(path):
            return [f"disk image '{path}' does not exist", f"Removed volume '{volid}'"]
        self._machine.fs.remove(path)
        return [f"Removed volume '{volid}'"]
