"""Privileges, roles and where they are granted (facts: pve.md 2; roles: manual page of pveum)."""

from __future__ import annotations

import re
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
FURTHER = ("Permissions.Modify", "Pool.Allocate", "Pool.Audit", "Realm.Allocate", "Realm.AllocateUser")
"""Privileges that a login does not list."""

AGENT = {8: "VM.Monitor", 9: "VM.GuestAgent.Audit VM.GuestAgent.FileRead VM.GuestAgent.Unrestricted VM.Replicate"}
"""The guest agent's privileges by major release (facts: pve-behaviour.md section 6)."""

ROLES = {
    ADMINISTRATOR: r".*",
    "NoAccess": r"(?!)",
    "PVEAdmin": r"(?!Sys\.(PowerMgmt|Modify|Incoming|AccessNetwork)|Realm\.Allocate$|Permissions\.).*",
    "PVEAuditor": r".*\.Audit",
    "PVEDatastoreAdmin": r"Datastore\..*",
    "PVEDatastoreUser": r"Datastore\.(AllocateSpace|Audit)",
    "PVEMappingAdmin": r"Mapping\..*",
    "PVEMappingAuditor": r"Mapping\.Audit",
    "PVEMappingUser": r"Mapping\.(Use|Audit)",
    "PVEPoolAdmin": r"Pool\..*",
    "PVEPoolUser": r"Pool\.Audit",
    "PVESDNAdmin": r"SDN\..*",
    "PVESDNUser": r"SDN\.(Audit|Use)",
    "PVESysAdmin": r"Sys\.(Audit|Console|Syslog)",
    "PVETemplateUser": r"VM\.(Audit|Clone)",
    "PVEUserAdmin": r"Realm\.AllocateUser|User\.Modify|Group\.Allocate",
    "PVEVMAdmin": r"VM\..*",
    "PVEVMUser": r"VM\.(Audit|Backup|Config\.CDROM|Config\.Cloudinit|Console|Monitor|PowerMgmt|GuestAgent\.Audit)",
}
"""Built-in roles: the privileges whose whole name matches."""


def everything(major: int) -> frozenset[str]:
    """All privileges of a release."""
    listed = (name for text in [*PRIVILEGES.values(), AGENT[max(8, min(major, 9))]] for name in text.split())
    return frozenset({*listed, *FURTHER})


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
    """(path, user or token) -> its roles there, each with whether it holds below; and roles that were made."""

    major: int
    entries: dict[tuple[str, str], dict[str, bool]] = field(default_factory=dict)
    own_roles: dict[str, frozenset[str]] = field(default_factory=dict)

    def role(self, name: str) -> frozenset[str] | None:
        """The privileges of a role; None where there is no such role."""
        if name in ROLES:
            return frozenset(item for item in everything(self.major) if re.fullmatch(ROLES[name], item))
        return self.own_roles.get(name)

    def at(self, subject: str, path: str) -> frozenset[str]:
        """What `subject` may do at `path`: the nearest entry counts, those above it only if they propagate."""
        for place in _upwards(path):
            roles = self.entries.get((place, subject), {})
            names = [name for name, propagates in roles.items() if propagates or place == path]
            if "NoAccess" in names:
                return frozenset()
            if names:
                return frozenset().union(*(self.role(name) or frozenset() for name in names))
        return frozenset()

    def paths(self, subject: str) -> list[str]:
        return sorted(path for path, name in self.entries if name == subject)

    def forget(self, subjects: Iterable[str]) -> None:
        gone = set(subjects)
        self.entries = {key: roles for key, roles in self.entries.items() if key[1] not in gone}


def _upwards(path: str) -> list[str]:
    """/vms/100, /vms, /."""
    parts = [part for part in path.split("/") if part]
    return ["/" + "/".join(parts[:count]) for count in range(len(parts), -1, -1)]
