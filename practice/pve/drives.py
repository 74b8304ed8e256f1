"""Disks, CD drives and network cards of a VM: what PVE makes of the values that it is given."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from practice.pve.errors import died, invalid
from practice.pve.schema import properties
from practice.pve.storage import GIB, Storages

DISK = re.compile(r"(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused)\d+")
ALLOCATE = re.compile(r"(?P<storage>[^/:\s]+):(?P<size>\d+(?:\.\d+)?)")
ORDER = ("ide", "scsi", "virtio", "sata", "efidisk", "tpmstate", "unused")
"""In this order PVE walks through the drives of a VM."""

TEMPLATE = "528.0 KiB"
"""An EFI disk is a copy of OVMF's variable store of this size."""

BLOCK_EFI, FILE_EFI, TPM = 4 << 20, 528 << 10, 4 << 20

Log = Callable[..., None]


def quiet(*lines: str) -> None:
    return


@dataclass
class Builder:
    """Makes the values of one create or update real. `made`: the volumes allocated so far."""

    storages: Storages
    vmid: int
    log: Log = quiet
    explicit_media: bool = False
    """8.4 and later want media=cdrom for an ISO (facts: pve.md 3.3)."""
    store_lines: tuple[str, ...] = ()
    """What the tool that enrols keys prints."""
    made: list[str] = field(default_factory=list)

    def value(self, key: str, value: str) -> str:
        """The value as it is stored: disks allocated, ISOs sized, MACs invented, tags cleaned."""
        if re.fullmatch(r"net\d+", key):
            return with_mac(value)
        if key == "tags":
            return ";".join(part for part in re.split(r"[;,\s]+", value) if part)
        if not DISK.fullmatch(key):
            return value
        first, _, rest = value.partition(",")
        if first in ("none", "cdrom"):
            return value if "media=cdrom" in rest else f"{value},media=cdrom"
        match = ALLOCATE.fullmatch(first)
        if match:
            return self._allocate(key, match["storage"], float(match["size"]), rest)
        return self._existing(key, first, rest)

    def undo(self) -> None:
        """Remove what was allocated, as PVE does when a create fails."""
        for volid in self.made:
            self.log(*self.storages.drop(volid))

    def _allocate(self, key: str, storage: str, gib: float, rest: str) -> str:
        size = int(gib * GIB)
        if key.startswith("efidisk"):
            size = FILE_EFI if "path" in self.storages.get(storage) else BLOCK_EFI
        elif key.startswith("tpmstate"):
            size = TPM
        volid = self.storages.allocate(storage, self.vmid, size)
        self.made.append(volid)
        self.log(*self.storages.made_line(volid))
        if key.startswith("efidisk"):
            done = f"transferred {TEMPLATE} of {TEMPLATE} (100.00%)"
            self.log(f"transferred 0.0 B of {TEMPLATE} (0.00%)", done, done)
            self.log(*(self.store_lines if "pre-enrolled-keys=1" in rest else ()))
        value = ordered(volid, rest, self.storages.size_text(volid))
        self.log(f"{key}: successfully created disk '{value}'")
        return value

    def _existing(self, key: str, volid: str, rest: str) -> str:
        if volid.startswith("/"):
            raise died(f"volume {volid} does not exist")
        if not self.storages.exists(volid):
            raise died(f"volume '{volid}' does not exist")
        if ":iso/" in volid and "media=cdrom" not in rest and self.explicit_media:
            raise invalid(**{key: "explicit 'media=cdrom' is required for iso images"})
        size = "" if "size=" in rest else self.storages.size_text(volid)
        return ordered(volid, rest, size)


def ordered(volid: str, rest: str, size: str) -> str:
    """PVE prints the volume first and its options sorted by name; booleans as 0 or 1."""
    pairs = {key: _flag(key, value) for key, value in properties(rest, "").items() if key}
    if size:
        pairs["size"] = size
    return ",".join([volid, *(f"{key}={value}" for key, value in sorted(pairs.items()))])


FLAGS = ("backup", "iothread", "pre-enrolled-keys", "readonly", "replicate", "ro", "shared", "snapshot", "ssd")


def _flag(key: str, value: str) -> str:
    words = {"on": "1", "yes": "1", "true": "1", "off": "0", "no": "0", "false": "0"}
    return words.get(value.lower(), value) if key in FLAGS else value


def with_mac(value: str) -> str:
    """A network card with a MAC of Proxmox' range where none was given."""
    model, _, rest = value.partition(",")
    if "=" not in model:
        raw = secrets.token_hex(3).upper()
        model = f"{model}=BC:24:11:{raw[0:2]}:{raw[2:4]}:{raw[4:6]}"
    return f"{model},{rest}" if rest else model


def volumes(config: dict[str, str], with_unused: bool = False) -> list[tuple[str, str]]:
    """(key, volume id) of the allocated disks in PVE's order; CD drives left out."""
    found = []
    for kind in ORDER if with_unused else ORDER[:-1]:
        keys = [key for key in config if re.fullmatch(rf"{kind}\d+", key) and "media=cdrom" not in config[key]]
        found += [(key, config[key].split(",")[0]) for key in sorted(keys, key=lambda key: int(key[len(kind) :]))]
    return found


def bytes_of(size: str) -> int:
    """64G, 528K and so on in bytes."""
    factors = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
    return int(size[:-1]) * factors[size[-1]] if size[-1] in factors else int(size)
