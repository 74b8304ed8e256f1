"""The root file system: Debian 12 from packages, our files and stub drivers in it, as one tar.

mmdebstrap needs no loop device; as an ordinary user it works in a user namespace.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from tests.debian.image.archive import pack
from tests.debian.image.cache import cached, recipe
from tests.debian.tier import PASSWORD

HERE = Path(__file__).parent
OVERLAY = HERE / "files"
STUBS = HERE / "stubs"

SUDOER = "keeper"
"""A user who may use sudo, with the same password as root."""

MIRROR = "http://deb.debian.org/debian"
SUITES = (
    f"deb {MIRROR} bookworm main",
    f"deb {MIRROR} bookworm-updates main",
    f"deb {MIRROR}-security bookworm-security main",
)
COMPILER = ("linux-headers-cloud-amd64", "gcc", "make", "dash", "coreutils", "sed", "grep", "mawk", "findutils")

DROPPED = ("usr/share/man", "usr/share/doc", "usr/share/info", "usr/share/locale")
KEPT = ("usr/share/locale/zh_CN",)
"""Messages in Chinese are what a LANG=zh_CN host says."""

TIMERS = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "systemd-boot-update.service",
)
"""What would work in the background of a slow machine."""


def missing_tools() -> list[str]:
    """Packages that building needs and this machine lacks."""
    wanted = {"mmdebstrap": "mmdebstrap", "unshare": "util-linux", "newuidmap": "uidmap"}
    return [package for program, package in wanted.items() if not shutil.which(program)]


def packages() -> list[str]:
    """The packages of the image."""
    lines = (HERE / "packages.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def rootfs() -> Path:
    """The tar of the root file system, from the cache or built (about a minute and a half).

    Everything in it belongs to the users of the image: unpack it as root or in a user namespace (`as_root`).
    Kernel, GRUB's configuration and initrd are there as their packages leave them; no boot loader is installed.
    """
    key = recipe(Path(__file__), HERE / "packages.txt", OVERLAY, STUBS, PASSWORD)
    return cached("rootfs.tar", key, _build)


def as_root() -> list[str]:
    """What to put before a command that needs to be root over files: nothing, or a user namespace."""
    return [] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--map-auto", "--"]


def _build(target: Path) -> None:
    drivers = target.parent / "drivers.tar"
    _build_drivers(drivers)
    overlay = target.parent / "overlay.tar"
    pack(OVERLAY, overlay)
    users = f"root:{PASSWORD}\n{SUDOER}:{PASSWORD}\n"
    hooks = [
        f"tar-in {overlay} /",
        f"tar-in {drivers} /",
        'chroot "$1" sh -c "depmod $(ls "$1/lib/modules")"',
        'mkdir -p "$1/usr/share/kvm"',
        'chroot "$1" localedef -i zh_CN -f UTF-8 zh_CN.UTF-8',
        f'chroot "$1" useradd -m -s /bin/bash -G sudo {SUDOER}',
        f'printf %s {shlex.quote(users)} | chroot "$1" chpasswd',
        f'chroot "$1" systemctl --quiet mask {" ".join(TIMERS)}',
        ': > "$1/etc/machine-id"',
    ]
    trimmed = [f"path-exclude=/{path}/*" for path in DROPPED] + [f"path-include=/{path}/*" for path in KEPT]
    _mmdebstrap("minbase", packages(), hooks, target, trimmed)


def _build_drivers(target: Path) -> None:
    """The two stub modules, built against the headers of the same mirror on the same day."""
    release = '$(basename "$1"/usr/src/linux-headers-*-cloud-amd64)'
    hooks = [
        'mkdir "$1/stubs" && ln -s mawk "$1/usr/bin/awk"',
        f"sync-in {STUBS} /stubs",
        f'chroot "$1" make -s -C "/usr/src/{release}" M=/stubs modules',
        f'k={release} && d="usr/lib/modules/${{k#linux-headers-}}/updates" && mkdir -p "$1/out/$d" '
        '&& cp "$1"/stubs/*.ko "$1/out/$d" && chroot "$1" sh -c "strip -g /out/$d/*.ko"',
        f"tar-out /out/usr {target}",
    ]
    _mmdebstrap("extract", COMPILER, hooks, Path("/dev/null"), [])
    with tarfile.open(target) as made:
        assert [name for name in made.getnames() if name.endswith("/i915.ko")], made.getnames()


def _mmdebstrap(variant: str, include: Sequence[str], hooks: list[str], target: Path, dpkg: list[str]) -> None:
    command = ["mmdebstrap", f"--variant={variant}", f"--include={','.join(include)}"]
    command += ["--aptopt=APT::Install-Recommends false", "--aptopt=Acquire::Retries 3"]
    command += [f"--dpkgopt={option}" for option in dpkg]
    moment = "extract" if variant == "extract" else "customize"
    command += [f"--{moment}-hook={hook}" for hook in hooks]
    command += ["--format=tar" if target.suffix == ".tar" else "--format=null", "bookworm", str(target), *SUITES]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"mmdebstrap ended with {ended.returncode}:\n{ended.stderr[-4000:]}")


if __name__ == "__main__":
    print(rootfs())
