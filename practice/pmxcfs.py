"""/etc/pve: the cluster file system and what it refuses (facts: pve-behaviour.md section 5)."""

from __future__ import annotations

import errno
import posixpath
import re
from collections.abc import Iterator
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
        machine.fs.dynamic(f"{ROOT}/.members", self._members, self._refused, 0o440)
        machine.fs.guard(ROOT, self._ask)

    def changed(self, vmid: int) -> None:
        """A configuration was written."""
        self.version += 1
        self._guests[str(vmid)] = self.version

    @property
    def quorate(self) -> bool:
        """A host alone always is."""
        return bool(self._machine.scenario.get("cluster.quorate", True))

    def _ask(self, operation: str, path: str) -> None:
        if operation == "symlink":
            raise fail(errno.ENOSYS, path)
        if not self.quorate:
            # pve-docs, pvecm: without quorum the cluster file system is read-only.
            raise fail(errno.EACCES, path)
        own = posixpath.basename(path) in (".vmlist", ".version", ".members")
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

    def guests(self) -> Iterator[tuple[str, str, int]]:
        """(node, qemu or lxc, number) of all VMs and containers of the cluster."""
        fs = self._machine.fs
        for node in fs.listdir(f"{ROOT}/nodes"):
            for kind, name in (("qemu", "qemu-server"), ("lxc", "lxc")):
                folder = f"{ROOT}/nodes/{node}/{name}"
                for file in fs.listdir(folder) if fs.is_dir(folder) else []:
                    if re.fullmatch(r"\d+\.conf", file):
                        yield node, kind, int(file.removesuffix(".conf"))

    def _refused(self, data: bytes) -> None:
        raise fail(errno.EIO, ROOT)

    def _versions(self) -> bytes:
        return (
            f'{{\n"starttime": {int(self._machine.clock.now())},\n"clinfo": 1,\n"vmlist": {self.version}\n}}\n'.encode()
        )

    def _members(self) -> bytes:
        """Who is in the cluster; a host alone names only itself (pve-docs: pmxcfs)."""
        scenario, node = self._machine.scenario, self._machine.node
        name = scenario.get("cluster.name")
        if name is None:
            return f'{{\n"nodename": "{node}",\n"version": 0\n}}\n'.encode()
        count = int(scenario.get("cluster.nodes", 1))
        cluster = f'"name": "{name}", "version": 3, "nodes": {count}, "quorate": {int(self.quorate)}'
        rows = [f'  "{node}": {{ "id": 1, "online": 1, "ip": "{scenario.get("network.address")}"}}']
        rows += [
            f'  "{node}{number}": {{ "id": {number}, "online": {int(self.quorate)}}}' for number in range(2, count + 1)
        ]
        listed = ",\n".join(rows)
        text = f'"nodename": "{node}",\n"version": 4,\n"cluster": {{ {cluster} }},\n"nodelist": {{\n{listed}\n  }}'
        return f"{{\n{text}\n}}\n".encode()

    def _vmlist(self) -> bytes:
        rows = []
        for node, kind, vmid in self.guests():
            known = self._guests.get(str(vmid), 1)
            rows.append(f'"{vmid}": {{ "node": "{node}", "type": "{kind}", "version": {known} }}')
        return (f'{{\n"version": {self.version},\n"ids": {{\n' + ",\n".join(rows) + "}\n\n}\n").encode()
