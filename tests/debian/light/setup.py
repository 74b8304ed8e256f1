"""What a light host has beside the image: its shims, and a configuration for the lack of a real kernel below it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

SHIMS = Path(__file__).resolve().parent / "shims"
PLACE = "usr/local/sbin"
ALIASES = {"reboot": "systemctl"}

DAEMON = "cd /usr/lib/pve-stand-ins && exec python3 -m tests.debian.inside.daemon /etc/pve-stand-ins.json"

SSHD = """PermitRootLogin yes
UseDNS no
UsePAM no
SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""

INITRAMFS = """# The drivers of nobody: this initrd is never booted, but what is built into it is read.
MODULES=list
"""

PROBE = "usr/sbin/grub-probe"
"""grub-mkconfig calls it by its full path."""


def prepare(root: Path, files: Mapping[str, str]) -> None:
    """Once, before the first boot. `files`: what the host has beside those of the image."""
    write(root / "etc/ssh/sshd_config.d/light.conf", SSHD)
    write(root / "etc/initramfs-tools/conf.d/light", INITRAMFS)
    for shim in SHIMS.iterdir():
        shutil.copy(shim, root / (PROBE if shim.name == "grub-probe" else f"{PLACE}/{shim.name}"))
    for name, target in ALIASES.items():
        (root / PLACE / name).symlink_to(target)
    release = next((root / "lib/modules").iterdir()).name
    # lspci looks for the aliases of the kernel that really runs.
    (root / "lib/modules" / os.uname().release).symlink_to(release)
    for path, text in files.items():
        write(root / path.lstrip("/"), text)
    for words in (["update-grub"], ["update-initramfs", "-u", "-k", "all"]):
        subprocess.run(["chroot", str(root), *words], check=True, capture_output=True)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
