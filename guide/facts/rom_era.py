"""For which QEMU a ROM was made, by the texts in its helper (facts: windows-and-rom.md B.2)."""

from __future__ import annotations

from collections.abc import Collection

OLD = ("IgdLegacyModeDisplay", "SetupVmBDSM", "BDSM_TYPE_GEN_11_X")
OPREGION, STOLEN = "etc/igd-opregion", "etc/igd-bdsm-size"
MARKS = (*OLD, OPREGION, STOLEN)


def era_of(marks: Collection[str]) -> str | None:
    """A: for QEMU up to 9.1; B: for 10 and later; None: no helper that we know. `marks`: those of `MARKS` it has."""
    if any(mark in marks for mark in OLD):
        return "A"
    if OPREGION in marks:
        return "A" if STOLEN in marks else "B"
    return None
