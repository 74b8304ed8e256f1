"""Puts the Proxmox stand-ins into an unpacked root file system: files only, so that any user can do it.

What is installed is this project's own code. The pure packages that Debian 12 lacks or has too old (h11,
python_multipart) come from the environment that runs this.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

from practice import tree
from tests.debian.states import scenario
from tests.debian.tier import PASSWORD, State

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
PLACE = "usr/lib/pve-stand-ins"
COMMANDS = ("qm", "pvesh", "pvesm", "pveum", "pvenode", "pveversion")
BORROWED = ("h11", "python_multipart")
ROOT_FILES = ("tests/__init__.py", "tests/debian/__init__.py")

SERVICE = """[Unit]
Description=Stand-ins of Proxmox VE
After=network.target ssh.service

[Service]
ExecStart=/usr/bin/python3 -m tests.debian.inside.daemon /etc/pve-stand-ins.json
WorkingDirectory=/usr/lib/pve-stand-ins

[Install]
WantedBy=multi-user.target
"""

PACKAGE = """
Package: {name}
Status: install ok installed
Maintainer: nobody <root@localhost>
Architecture: amd64
Version: {version}
Description: stand-in of the host under test
"""


def install(root: Path, state: State = "grub") -> None:
    """Into `root`; again over an older installation of ours. systemd starts it where there is one."""
    place = root / PLACE
    shutil.rmtree(place, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "scenarios")
    shutil.copytree(PROJECT / "practice", place / "practice", ignore=ignored)
    shutil.copytree(HERE, place / "tests/debian/inside", ignore=ignored)
    for name in ROOT_FILES:
        shutil.copy(PROJECT / name, place / name)
    for name in BORROWED:
        found = importlib.util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        shutil.copytree(Path(found.origin).parent, place / name, ignore=ignored)
    table = scenario(state).table
    config = {"scenario": table, "passwords": {"root": PASSWORD}}
    _write(root / "etc/pve-stand-ins.json", json.dumps(config), 0o600)
    for name in COMMANDS:
        _write(root / f"usr/sbin/{name}", (HERE / "client.py").read_text(), 0o755)
    _link(root / "usr/bin/kvm", "qemu-system-x86_64")
    (root / "usr/share/kvm").mkdir(parents=True, exist_ok=True)
    _write(root / "etc/systemd/system/pve-stand-ins.service", SERVICE, 0o644)
    _link(root / "etc/systemd/system/multi-user.target.wants/pve-stand-ins.service", "../pve-stand-ins.service")
    packaged = (root / "etc/debian_version").stat().st_mtime
    for path, text in tree.PACKAGED.items():
        _write(root / path.lstrip("/"), text, 0o644)
        # As old as a file of a package is, so that the initrd that is there counts as built after it.
        os.utime(root / path.lstrip("/"), (packaged, packaged))
    _packages(root / "var/lib/dpkg/status", table["pve"])


def _packages(status: Path, versions: dict[str, str]) -> None:
    """dpkg-query knows the versions that the survey asks for."""
    text = status.read_text(encoding="utf-8")
    wanted = {"pve-manager": "manager", "pve-qemu-kvm": "qemu", "qemu-server": "qemu_server"}
    missing = [name for name in wanted if f"Package: {name}\n" not in text]
    more = "".join(PACKAGE.format(name=name, version=versions[wanted[name]]) for name in missing)
    status.write_text(f"{text.rstrip()}\n{more}\n", encoding="utf-8")
    for name in missing:
        (status.parent / f"info/{name}.list").write_text("")


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


if __name__ == "__main__":
    install(Path(sys.argv[1]))
