"""VM configurations, storages, ISOs, ROMs and containers, as their files say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from guide.facts.model import Container, RomFile, Storage, StoredIso, VmConfig
from guide.facts.numbers import number
from guide.facts.rom_era import era_of

VM_KEYS = "name|memory|machine|bios|vga|args|efidisk0|hostpci[0-9]+"
"""The options of a VM that the survey asks for (a regular expression of grep -E, too); nothing else leaves the host."""

_KEPT = re.compile(rf"\[|(?:{VM_KEYS}):")
_VM_LINE = re.compile(r"^(\d+)\.conf:(.*)$")


def parse_vm(
    vmid: int, text: str, running: bool | None, mappings: Mapping[str, tuple[str, ...]] | None = None
) -> VmConfig:
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
    return VmConfig(vmid, options, text, snapshots, running, mappings or {})


def parse_vms(
    lines: str, running: str | None, mappings: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[VmConfig, ...]:
    """All VMs of the node from `100.conf:line` pairs; `running` lists the pid files of the running (None: unknown)."""
    pids = None if running is None else {int(n) for n in re.findall(r"^(\d+)\.pid$", running, re.MULTILINE)}
    texts: dict[int, list[str]] = {}
    for line in lines.splitlines():
        match = _VM_LINE.match(line)
        if match:
            texts.setdefault(int(match[1]), []).append(f"{match[2]}\n")
    return tuple(
        parse_vm(vmid, "".join(text), None if pids is None else vmid in pids, mappings)
        for vmid, text in sorted(texts.items())
    )


def vm_lines(texts: Mapping[int, str]) -> str:
    """The inverse of `parse_vms`: configurations by number as the survey script lists them."""
    rows = ((vmid, line) for vmid, text in texts.items() for line in text.splitlines())
    return "\n".join(f"{vmid}.conf:{line}" for vmid, line in rows if _KEPT.match(line))


def parse_mappings(text: str, node: str) -> dict[str, tuple[str, ...]]:
    """/etc/pve/mapping/pci.cfg: name -> addresses on this node (facts: pve-behaviour.md 5, hostpci0=mapping=<id>)."""
    found: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        if line[:1].strip():
            name = line.split(":")[-1].strip()
            found[name] = ()
        elif key == "map" and name:
            options = dict(part.partition("=")[::2] for part in value.strip().split(","))
            if not node or options.get("node", node) == node:
                found[name] += tuple(path for path in options.get("path", "").split(";") if path)
    return found


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
    found: dict[str, StoredIso] = {}
    for line in text.splitlines():
        shown, _, path = line.partition(" ")
        size = number(shown)
        for storage in storages:
            folder = f"{storage.path}/template/iso/"
            if storage.path and path.startswith(folder) and size is not None and "iso" in storage.content:
                volid = f"{storage.name}:iso/{path[len(folder) :]}"
                found.setdefault(volid, StoredIso(volid, path, size))
                break
    return tuple(found.values())


def parse_roms(text: str, marks: str) -> tuple[RomFile, ...]:
    """`size sha256  path` lines of /usr/share/kvm, PVE's own ROMs left out; `marks`: `path:text` of their helpers."""
    pairs = [line.rpartition(":")[::2] for line in marks.splitlines()]
    found = []
    for line in text.splitlines():
        match = re.match(r"(\d+) ([0-9a-f]{64})[ *]+(\S.*)$", line)
        if match:
            era = era_of({mark for path, mark in pairs if path == match[3]})
            found.append(RomFile(match[3].rsplit("/", 1)[-1], int(match[1]), match[2], era))
    return tuple(found)
