"""Privileges and where they are granted; the practice host knows one role, Administrator (facts: pve.md 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

ADMINISTRATOR = "Administrator"

PRIVILEGES = {
    "access": "Group.Allocate User.Modify",
    "dc": "SDN.Allocate SDN.Audit SDN.Use Sys.Audit Sys.Modify",
    "mapping": "Mapping.Audit Mapping.Modify Mapping.Use",
    "nodes": "Sys.AccessNetwork Sys.Audit Sys.Console Sys.Incoming Sys.Modify Sys.PowerMgmt Sys.Syslog",
    "sdn": "SDN.Allocate SDN.Audit SDN.Use",
    "storage": "Datastore.Allocate Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit",
    "vms": (
        "VM.Allocate VM.Audit VM.Backup VM.Clone VM.Config.CDROM VM.Config.CPU VM.Config.Cloudinit VM.Config.Disk "
        "VM.Config.HWType VM.Config.Memory VM.Config.Network VM.Config.Options VM.Console VM.Migrate VM.PowerMgmt "
        "VM.Snapshot VM.Snapshot.Rollback"
    ),
}
AGENT = {8: "VM.Monitor", 9: "VM.GuestAgent.Audit VM.GuestAgent.FileRead VM.GuestAgent.Unrestricted VM.Replicate"}
"""The guest agent's privileges by major release (facts: pve-behaviour.md section 6)."""


def capabilities(major: int) -> dict[str, dict[str, int]]:
    """`cap` in the answer of a login with every privilege."""
    agent = AGENT[max(8, min(major, 9))]
    names = {area: text.split() for area, text in PRIVILEGES.items()}
    names["vms"] += agent.split()
    found = {area: dict.fromkeys(listed, 1) for area, listed in names.items()}
    for area in found.keys() - {"dc"}:
        found[area]["Permissions.Modify"] = 1
    return found


@dataclass
class Grants:
    """(path, user or token) -> the role there; it holds for everything below."""

    entries: dict[tuple[str, str], str] = field(default_factory=dict)

    def areas(self, name: str) -> tuple[str, ...]:
        """The paths where `name` is Administrator."""
        return tuple(path for (path, subject), role in self.entries.items() if subject == name)


def covers(areas: Iterable[str], path: str) -> bool:
    """Whether one of the areas is `path` or above it."""
    return any(area == "/" or path == area or path.startswith(f"{area}/") for area in areas)
