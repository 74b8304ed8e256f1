"""The changes that the guide makes; importing this package registers them all for undo."""

from __future__ import annotations

from guide.changes import files, guest, media, package, reboot, vm_config, vm_create, vm_power

__all__ = ["files", "guest", "media", "package", "reboot", "vm_config", "vm_create", "vm_power"]
