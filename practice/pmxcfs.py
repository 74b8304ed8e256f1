"""/etc/pve: the cluster file system and what it refuses (facts: pve-behaviour.md section 5)."""

from __future__ import annotations

import errno
import posixpath
import re
from typing import TYPE_CHECKING

from practice.files import fail

if TYPE_CHECKING:
    from practice.machine import Machine

ROOT = "/etc/pve"
GUEST = re.compile(r"/etc/pve/nodes/(?P<node>[^/]+)/(?P<kind>qemu-server|lxc)/(?P<vmid>\d+)\.conf")


class ClusterFiles:
    """Guards /etc/pve and shows its own files. `version` counts the changes."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.version = 1
        self._guests: dict[str, int] = {}
        machine.fs.dynamic(f"{ROOT}/.vmlist", self._vmlist, self._refused, 0o440)
        machine.fs.dynamic(f"{ROOT}/.version", self._versions, self._refused, 0o440)
        machine.fs.guard(ROOT, self._ask)

    def changed(self, vmid: int) -> None:
        """A configuration was written."""
        self.version += 1
        self._guests[str(vmid)] = self.version

    def _ask(self, operation: str, path: str) -> None:
        if operation == "symlink":
            raise fail(errno.ENOSYS, path)
        own = posixpath.basename(path) in (".vmlist", ".version")
        if own and operation in ("remove", "rename"):
            raise fail(errno.EACCES, path)
        if own and operation == "write":
            raise fail(errno.EIO, path)
        self.version += not own
        if operation in ("write", "rename"):
            self._one_node(path)

    def _one_node(self, path: str) -> None:
        """A VMID belongs to one node of the cluster."""
        folder, name = posixpath.split(path)
        if not self._machine.fs.is_dir(folder):
            return
        match = GUEST.fullmatch(f"{self._machine.fs.realpath(folder)}/{name}")
        if match is None:
            return
        self._guests[match["vmid"]] = self.version
        for node in self._machine.fs.listdir(f"{ROOT}/nodes"):
            other = f"{ROOT}/nodes/{node}/{match['kind']}/{match['vmid']}.conf"
            if node != match["node"] and self._machine.fs.exists(other):
                raise fail(errno.EEXIST, path)

    def _refused(self, data: bytes) -> None:
        raise fail(errno.EIO, ROOT)

    def _versions(self) -> bytes:
        return (
            f'{{\n"starttime": {int(self._machine.clock.now())},\n"clinfo": 1,\n"vmlist": {self.version}\n}}\n'.encode()
        )

    def _vmlist(self) -> bytes:
        rows = []
        for node in self._machine.fs.listdir(f"{ROOT}/nodes"):
            folder = f"{ROOT}/nodes/{node}/qemu-server"
            names = self._machine.fs.listdir(folder) if self._machine.fs.is_dir(folder) else []
            for vmid in (name.removesuffix(".conf") for name in names if re.fullmatch(r"\d+\.conf", name)):
                known = self._guests.get(vmid, 1)
                rows.append(f'"{vmid}": {{ "node": "{node}", "type": "qemu", "version": {known} }}')
        return (f'{{\n"version": {self.version},\n"ids": {{\n' + ",\n".join(rows) + "}\n\n}\n").encode()
