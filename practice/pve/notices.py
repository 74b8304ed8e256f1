"""What qemu-server tells in the log of a task beside its own work."""

from __future__ import annotations

from practice.pve.schema import properties
from practice.pve.tasks import Task

NO_AGENT = "QEMU Guest Agent is not running - VM {vmid} qmp command 'guest-ping' failed - got timeout"

CERTIFICATES = """EFI disk without 'ms-cert=2023k' option, suggesting that not all UEFI 2023
certificates from Microsoft are enrolled yet. The UEFI 2011 certificates expire
in June 2026! The new certificates are required for secure boot update for Windows
and common Linux distributions. Use 'Disk Action > Enroll Updated Certificates'
in the UI or, while the VM is shut down, run 'qm enroll-efi-keys {vmid}' to enroll
the new certificates.

For Windows with BitLocker, run the following command inside Powershell:
  manage-bde -protectors -disable <drive>
for each drive with BitLocker (for example, <drive> could be 'C:').
This is required for each drive with BitLocker before proceeding with enrollment.
Otherwise, you will be prompted for the BitLocker recovery key on the next boot."""
"""Recorded: PVE 8.4.21."""


def certificates(version: tuple[int, ...], vmid: int, config: dict[str, str], task: Task) -> None:
    """Windows with keys of 2011 in its EFI disk. `version`: qemu-server (facts: pve-behaviour.md section 6)."""
    told = (8, 4, 10) <= version < (9,) or version >= (9, 2, 6)
    options = properties(config.get("efidisk0", ""), "file")
    old = options.get("pre-enrolled-keys") == "1" and "ms-cert" not in options
    if not told or not old or not config.get("ostype", "").startswith("win"):
        return
    lines = CERTIFICATES.format(vmid=vmid).split("\n")
    if version >= (9,):
        task.warn(lines.pop(0))
    task.log(*lines)
