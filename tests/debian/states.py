"""What a state is, for the tiers whose host comes from a scenario (a machine of the vm tier is what its image is)."""

from __future__ import annotations

from typing import Any

from practice.scenario import Scenario, scenario_of
from tests.debian.tier import HERE, State

CMDLINE = "root=/dev/mapper/pve-root ro quiet"

TABLES: dict[State, dict[str, Any]] = {
    "grub": {},
    "systemd-boot": {"boot": {"loader": "systemd-boot", "efi": True, "cmdline": CMDLINE}},
    "secure-boot": {"boot": {"efi": True, "secure_boot": True}, "files": {"/etc/kernel/cmdline": f"{CMDLINE}\n"}},
}
"""State -> what is merged over host.toml."""


def scenario(state: State = "grub") -> Scenario:
    """The machine that every tier shows, in a state."""
    return scenario_of(HERE / f"{state}.toml", {"extends": "host", **TABLES[state]})
