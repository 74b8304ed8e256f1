"""What legitimately differs between the tiers, by name, with the reason. Everything else must be the same."""

from __future__ import annotations

import re

REPLACED = (
    (r"6\.[0-9]+\.[0-9]+-[\w.-]+", "KERNEL", "each host boots its own kernel"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID", "made anew for every host and VM"),
    (r"BC:24:11(:[0-9A-F]{2}){3}", "MAC", "made anew for every VM"),
    (r"\bctime=\d+", "ctime=TIME", "when it was made"),
)
"""Pattern, what stands for it, why it differs."""

DROPPED_ARGUMENTS = (
    (r"root=.*", "the root file system of a real disk, of a simulated one, or of none"),
    (r"BOOT_IMAGE=.*|initrd=.*", "the path of the tier's own kernel"),
    (r"ro", "as root="),
    (r"console=.*", "the vm tier is watched over its serial line"),
    (r"mitigations=off", "an emulated processor is twice as fast without"),
    (r"no_timer_check", "an emulated timer fails the kernel's check on a busy computer"),
    (r"intel_iommu=off", "the image's base line, where Debian's kernel would have the IOMMU on by default"),
    (r"practice\..*", "of the image"),
)
"""Kernel arguments that are the tier's own, and why."""

FINDINGS: dict[str, str] = {"little-memory": "a machine of the vm tier has 1 GiB"}
"""Findings that not every tier can have -> why."""


def text(value: str) -> str:
    """A text with everything of REPLACED in it named."""
    for pattern, name, _ in REPLACED:
        value = re.sub(pattern, name, value)
    return value


def arguments(words: tuple[str, ...] | None) -> list[str] | None:
    """A kernel command line without the tier's own words."""
    if words is None:
        return None
    return [word for word in words if not any(re.fullmatch(pattern, word) for pattern, _ in DROPPED_ARGUMENTS)]
