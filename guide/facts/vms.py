"""VM configurations, storages, ISOs, ROMs and containers, as their files say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from guide.facts.model import Container, HostFile, RomFile, Storage, StoredIso, VmConfig
from guide.facts.numbers import number

_VM = re.compile(r"/etc/pve/(?:nodes/[^/]+/)?qemu-server/(\d+)\.conf$")


def parse_vm(vmid: int, text: str, running: bool | None) -> VmConfig:
    """The main section only: snapshots and pending sections follow in brackets (facts: pve.md 7)."""
    options: dict[str, str] = {}
    snapshots = False
    main = True
    for line in text.splitlines():
        if line.startswith("["):
            main = False
            snapshots = snapshots or line.strip() not in ("[PENDING]", "[special:cloudinit]")
        elif main and not line.startswith("#"):
            key, separator, value = line.partition(":")
            if separator and key.strip():
                options[key.strip()] = value.strip()
    return VmConfig(vmid, options, text, snapshots, running)


def parse_vms(files: Mapping[str, HostFile], running: str | None) -> tuple[VmConfig, ...]:
    """All VMs of the node; `running` lists the pid files of those that run (None: unknown)."""
    pids = None if running is None else {int(n) for n in re.findall(r"^(\d+)\.pid$", running, re.MULTILINE)}
    found = []
    for path, file in sorted(files.items()):
        match = _VM.search(path)
        if match and file.text is not None:
            vmid = int(match[1])
            found.append(parse_vm(vmid, file.text, None if pids is None else vmid in pids))
    return tuple(sorted(found, key=lambda vm: vm.vmid))


def parse_containers(text: str) -> tuple[Container, ...]:
    """Containers that map the host's /dev/dri, from `file:line` pairs."""
    uses: dict[int, bool] = {}
    for line in text.splitlines():
        match = re.match(r"\S*/(\d+)\.conf:(.*)", line)
        if match:
            ctid = int(match[1])
            uses[ctid] = uses.get(ctid, False) or "/dev/dri" in match[2] or "dev/dri" in match[2]
    return tuple(Container(ctid, dri) for ctid, dri in sorted(uses.items()))


def parse_storages(config: str, status: str) -> tuple[Storage, ...]:
    """storage.cfg tells type, content and path; `pvesm status` what is active and how much is free (KiB there)."""
    blocks: list[tuple[str, str, dict[str, str]]] = []
    for line in config.splitlines():
        head = re.match(r"^([a-z]+):\s*(\S+)\s*$", line)
        if head:
            blocks.append((head[1], head[2], {}))
        elif blocks and line[:1].isspace() and line.strip():
            key, _, value = line.strip().partition(" ")
            blocks[-1][2][key] = value.strip()
    sizes = _status(status)
    return tuple(_storage(kind, name, options, sizes.get(name)) for kind, name, options in blocks)


def _storage(kind: str, name: str, options: Mapping[str, str], size: tuple[str, int, int] | None) -> Storage:
    content = frozenset(part for part in options.get("content", "").split(",") if part)
    active = size[0] == "active" if size else "disable" not in options
    path = options.get("path") or (f"/mnt/pve/{name}" if kind in ("nfs", "cifs", "cephfs") else None)
    return Storage(name, kind, content, active, size[1] if size else None, size[2] if size else None, path)


def _status(text: str) -> dict[str, tuple[str, int, int]]:
    found = {}
    for line in text.splitlines()[1:]:
        words = line.split()
        total, available = (number(word) for word in (words[3:4] + words[5:6])) if len(words) >= 6 else (None, None)
        if total is not None and available is not None:
            found[words[0]] = (words[2], total * 1024, available * 1024)
    return found


def parse_isos(text: str, storages: tuple[Storage, ...]) -> tuple[StoredIso, ...]:
    """`size path` lines, as volume ids of the storage whose folder they lie in."""
    found = []
    for line in text.splitlines():
        shown, _, path = line.partition(" ")
        size = number(shown)
        for storage in storages:
            folder = f"{storage.path}/template/iso/"
            if storage.path and path.startswith(folder) and size is not None and "iso" in storage.content:
                found.append(StoredIso(f"{storage.name}:iso/{path[len(folder) :]}", path, size))
                break
    return tuple(found)


def parse_roms(text: str) -> tuple[RomFile, ...]:
    """`size sha256  path` lines of /usr/share/kvm, PVE's own ROMs left out."""
    found = []
    for line in text.splitlines():
        match = re.match(r"(\d+) ([0-9a-f]{64})[ *]+(\S.*)$", line)
        if match:
            found.append(RomFile(match[3].rsplit("/", 1)[-1], int(match[1]), match[2]))
    return tuple(found)
