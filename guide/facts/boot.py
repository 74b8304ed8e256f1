"""Which boot loader really starts the host, and what the next boot will have (facts: pve.md 5.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from guide.facts.cmdline import arguments
from guide.facts.model import BootLoader, HostFile, Loader


def parse_boot(cmdline: str, boot_tool: str, managed: bool, efi: str, secure_boot: str) -> BootLoader:
    """The running command line tells who started the kernel; proxmox-boot-tool confirms what the ESPs hold.

    `initrd=\\EFI\\proxmox\\` is systemd-boot, `BOOT_IMAGE=` is GRUB - also on ZFS, and also where /etc/kernel/cmdline
    exists (facts: peers-and-failures.md section 2: two widespread tools get this wrong).
    """
    first = cmdline.split("\n")[0].strip()
    configured = [line.strip() for line in boot_tool.splitlines() if "is configured with:" in line]
    evidence = tuple(line for line in (first, *configured) if line)
    kind: Loader | None = None
    if re.search(r"initrd=\\+EFI\\+proxmox\\+", first, re.IGNORECASE):
        kind = Loader.SYSTEMD_BOOT
    elif "BOOT_IMAGE=" in first:
        kind = Loader.GRUB_ESP if managed else Loader.GRUB
    known = {"yes": True, "no": False}.get(efi.strip())
    return BootLoader(kind, evidence, known, _secure_boot(secure_boot))


def running_kernel(cmdline: str) -> str | None:
    """The release in the name of the kernel that was started: vmlinuz-6.8.8-2-pve, or the folder on the ESP."""
    match = re.search(r"BOOT_IMAGE=\S*vmlinuz-(\S+)|\\EFI\\proxmox\\([^\\\s]+)\\", cmdline, re.IGNORECASE)
    return (match[1] or match[2]) if match else None


def next_arguments(kind: Loader | None, grub_linux: str, entries: Mapping[str, HostFile]) -> tuple[str, ...] | None:
    """The arguments of the first entry of grub.cfg, or of the loader entries of a mounted ESP; None where unseen."""
    if kind in (Loader.GRUB, Loader.GRUB_ESP):
        words = grub_linux.split()
        return tuple(words[2:]) if len(words) > 2 else None
    texts = [file.text or "" for _, file in sorted(entries.items())]
    options = [line.partition(" ")[2] for text in texts for line in text.splitlines() if line.startswith("options ")]
    return arguments(options[-1]) if options else None


def _secure_boot(text: str) -> bool | None:
    if "SecureBoot enabled" in text:
        return True
    return False if "SecureBoot disabled" in text else None
