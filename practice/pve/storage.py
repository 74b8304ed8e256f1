"""Storages: what they hold, allocate and refuse."""

from __future__ import annotations

import hashlib
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
        self._table: dict[str, dict[str, Any]] = {row["name"]: dict(row) for row in machine.scenario.get("storage", [])}
        self.volumes: dict[str, int] = {}
        """volid -> bytes of allocated disks."""
        self.before: dict[str, int] = {}
        """Storage -> bytes of disks that `used_gib` of the scenario counts already."""
        self._snapshots: dict[str, list[str]] = {}
        """volid -> names of its snapshots, oldest first."""

    def get(self, name: str) -> dict[str, Any]:
        if name not in self._table:
            raise died(f"storage '{name}' does not exist")
        return self._table[name]

    def has(self, name: str) -> bool:
        return name in self._table

    def active(self, name: str) -> dict[str, Any]:
        """The storage when it can be used. Raises what LVM says of a pool that is not there."""
        row = self.get(name)
        if row.get("disabled"):
            raise died(f"storage '{name}' is disabled")
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
        for name, row in self._table.items():
            if not row.get("disabled"):
                self.active(name)

    def configured(self, name: str) -> dict[str, Any]:
        """A block of storage.cfg as GET storage shows it."""
        row = self.get(name)
        keys = ("type", "content", "path", "thinpool", "vgname", "pool")
        found = {"storage": name, **{key: row[key] for key in keys if key in row}}
        text = self._machine.fs.text("/etc/pve/storage.cfg")
        digest = hashlib.sha1(text.encode()).hexdigest()
        return {**found, **({"disable": 1} if row.get("disabled") else {}), "digest": digest}

    def change(self, name: str, disable: bool | None, content: str | None) -> None:
        """PUT storage/{name}."""
        row = self.get(name)
        if disable is not None:
            row["disabled"] = disable
        if content is not None:
            row["content"] = content
        self.save()

    def save(self) -> None:
        """Write storage.cfg."""
        blocks = []
        for name, row in self._table.items():
            keys = [key for key in ("path", "thinpool", "vgname", "pool", "content") if key in row]
            lines = [f"{row['type']}: {name}", *(["\tdisable"] if row.get("disabled") else [])]
            blocks.append("\n".join([*lines, *(f"\t{key} {row[key]}" for key in keys)]) + "\n")
        self._machine.fs.put("/etc/pve/storage.cfg", "\n".join(blocks), 0o640)

    def status(self, name: str) -> dict[str, Any]:
        row = self.get(name)
        enabled = int(not row.get("disabled"))
        if row.get("broken") or not enabled:
            dead = dict.fromkeys(("active", "avail", "shared", "total", "used"), 0)
            return {"storage": name, "type": row["type"], "content": row["content"], "enabled": enabled, **dead}
        total, used = int(row["total_gib"] * GIB), int(row["used_gib"] * GIB)
        allocated = sum(size for volid, size in self.volumes.items() if volid.startswith(f"{name}:"))
        used = max(0, used + allocated - self.before.get(name, 0))
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
        return size_text(size)

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
        lines = [line for snap in self._snapshots.pop(volid, []) for line in self._removed(volid, snap)]
        del self.volumes[volid]
        return lines + self._removed(volid, "")

    def snapshots(self, volid: str) -> bool:
        """Whether the storage of a volume can make snapshots; raw files in a folder cannot."""
        return self.get(volid.partition(":")[0])["type"] in ("lvmthin", "zfspool") or volid.endswith(".qcow2")

    def snapshot(self, volid: str, name: str) -> list[str]:
        """A new snapshot; what the storage prints."""
        self._snapshots.setdefault(volid, []).append(name)
        storage, _, rest = volid.partition(":")
        thin = self.get(storage)["type"] == "lvmthin"
        return [f'  Logical volume "snap_{rest}_{name}" created.'] if thin else []

    def latest(self, volid: str, name: str) -> None:
        """ZFS goes back to its newest snapshot only. Raises 500 for an older one."""
        known = self._snapshots.get(volid, [])
        if self.get(volid.partition(":")[0])["type"] == "zfspool" and known[-1:] != [name]:
            raise died(f"can't rollback, '{name}' is not most recent snapshot on '{volid}'")

    def rollback(self, volid: str) -> list[str]:
        """The volume is made anew from a snapshot; what the storage prints."""
        storage, _, rest = volid.partition(":")
        thin = self.get(storage)["type"] == "lvmthin"
        return [*self._removed(volid, ""), f'  Logical volume "{rest}" created.'] if thin else []

    def drop_snapshot(self, volid: str, name: str) -> list[str]:
        known = self._snapshots.get(volid, [])
        if name not in known:
            return []
        known.remove(name)
        return self._removed(volid, name)

    def resize(self, volid: str, size: int) -> list[str]:
        """Grow a volume; what the storage prints."""
        if volid in self.volumes:
            self.volumes[volid] = size
        storage, _, rest = volid.partition(":")
        if self.get(storage)["type"] != "lvmthin":
            return ["Image resized."] if "path" in self.get(storage) else []
        return [f"  Logical volume {self.get(storage)['vgname']}/{rest} successfully resized."]

    def _removed(self, volid: str, snapshot: str) -> list[str]:
        storage, _, rest = volid.partition(":")
        name = f"snap_{rest}_{snapshot}" if snapshot else rest
        thin = self.get(storage)["type"] == "lvmthin"
        return [f'  Logical volume "{name}" successfully removed.'] if thin else []

    def image_info(self, name: str, volid: str) -> dict[str, Any]:
        """GET content/{volume}. Raises 500; 8.4 says more (recorded: PVE 8.2.4, 8.4.21)."""
        self.active(name)
        if not self.exists(volid):
            more = " - no format" if self._machine.pve.release >= (8, 4) else ""
            raise died(f"volume_size_info on '{volid}' failed{more}")
        path = self.path(volid)
        size = self.volumes.get(volid) or self._machine.fs.resolve(path).size
        return {"path": path, "size": size, "used": size, "format": "raw"}

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


def size_text(size: int) -> str:
    """As in a configuration: 64G, 4M, 128K."""
    for unit, factor in (("G", GIB), ("M", 1 << 20), ("K", 1 << 10)):
        if size % factor == 0 and size:
            return f"{size // factor}{unit}"
    return str(size)
