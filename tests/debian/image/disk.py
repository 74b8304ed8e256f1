"""Disks from the root file system: no loop device, no mount, no privilege beyond a user namespace.

`grub`: MBR, ext4, GRUB for BIOS. `systemd-boot`: GPT, an ESP with systemd-boot, ext4; /etc/kernel/cmdline counts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from tests.debian.image.archive import pack
from tests.debian.image.cache import recipe
from tests.debian.image.rootfs import as_root, rootfs

Loader = Literal["grub", "systemd-boot"]

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
INSIDE = ("practice", "tests/debian/inside", "tests/debian/host.toml")
"""What the stand-ins of Proxmox VE are made of."""

MIB = 1 << 20
SECTOR = 512
SIZE = 4096 * MIB
ESP_SIZE = 260 * MIB
ESP_ID = "1A2B3C4D"

TABLES: dict[Loader, str] = {
    "grub": "label: dos\nstart=2048, type=83, bootable\n",
    "systemd-boot": f"label: gpt\nstart=2048, size={ESP_SIZE // SECTOR}, type=uefi\ntype=linux\n",
}
ROOT_AT: dict[Loader, int] = {"grub": MIB, "systemd-boot": MIB + ESP_SIZE}

FEATURES = (
    "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,"
    "huge_file,dir_nlink,extra_isize,metadata_csum"
)
"""Spelled out, so that a newer mkfs adds nothing that GRUB 2.06 cannot read."""

GRUB_MODULES = ("biosdisk", "part_msdos", "ext2", "search_label", "search_fs_uuid", "normal", "linux", "serial")


def missing_tools() -> list[str]:
    """Packages that building needs and this machine lacks."""
    wanted = {"sfdisk": "fdisk", "mkfs.ext4": "e2fsprogs", "mkfs.vfat": "dosfstools", "mcopy": "mtools"}
    return [package for program, package in wanted.items() if not shutil.which(program)]


def disk_recipe(loader: Loader) -> str:
    """What a disk depends on. Builds the root file system where it is not there."""
    return recipe(Path(__file__), HERE / loader, rootfs().name, *(PROJECT / name for name in INSIDE))


def build(loader: Loader, target: Path) -> None:
    """A raw, sparse disk that boots."""
    tree = target.parent / f"tree-{loader}"
    tree.mkdir()
    try:
        _unpack(loader, tree)
        with target.open("wb") as made:
            made.truncate(SIZE)
        _run(["sfdisk", "--quiet", str(target)], stdin=TABLES[loader])
        if loader == "grub":
            _embed_grub(tree, target)
        else:
            _fill_esp(tree, target)
        _fill_root(tree, target, ROOT_AT[loader])
    finally:
        _run([*as_root(), "rm", "-rf", "--one-file-system", str(tree)])


def _unpack(loader: Loader, tree: Path) -> None:
    overlay = tree.parent / "overlay.tar"
    pack(HERE / loader, overlay)
    for tar in (rootfs(), overlay):
        command = ["tar", "-x", "-p", "--numeric-owner", "--exclude=./dev/*", "-f", str(tar), "-C", str(tree)]
        _run([*as_root(), *command])
    _run([*as_root(), sys.executable, "-m", "tests.debian.inside.install", str(tree)])
    # On an emulated processor compiling takes longer than starting.
    _run([*as_root(), "chroot", str(tree), "python3", "-m", "compileall", "-q", "/usr/lib/pve-stand-ins"])


def _embed_grub(tree: Path, disk: Path) -> None:
    """boot.img and a core.img that finds the file system by its label. The sealed disk gets a real grub-install."""
    early = "search.fs_label root root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n"
    _run([*as_root(), "sh", "-c", 'cat > "$1"', "sh", str(tree / "early.cfg")], stdin=early)
    core = ["grub-mkimage", "-O", "i386-pc", "-c", "/early.cfg", "-p", "/boot/grub", "-o", "/core.img", *GRUB_MODULES]
    _run([*as_root(), "chroot", str(tree), *core])
    with disk.open("r+b") as made:
        made.write((tree / "usr/lib/grub/i386-pc/boot.img").read_bytes()[:440])
        made.seek(SECTOR)
        made.write((tree / "core.img").read_bytes())
    _run([*as_root(), "rm", str(tree / "early.cfg"), str(tree / "core.img")])


def _fill_esp(tree: Path, disk: Path) -> None:
    """systemd-boot, and the kernels as the stand-in of proxmox-boot-tool copies them."""
    place = f"{disk}@@{MIB}"
    _run(["mkfs.vfat", "-F", "32", "-i", ESP_ID, f"--offset={MIB // SECTOR}", str(disk), str(ESP_SIZE // 1024)])
    _run([*as_root(), "mkdir", "-p", str(tree / "esp/EFI/BOOT"), str(tree / "esp/loader")])
    _run(
        [
            *as_root(),
            "chroot",
            str(tree),
            "cp",
            "/usr/lib/systemd/boot/efi/systemd-bootx64.efi",
            "/esp/EFI/BOOT/BOOTX64.EFI",
        ]
    )
    _run([*as_root(), "sh", "-c", 'cat > "$1"', "sh", str(tree / "esp/loader/loader.conf")], stdin="timeout 1\n")
    _run([*as_root(), "chroot", str(tree), "proxmox-boot-tool", "fill", "/esp"])
    _run(["mcopy", "-s", "-i", place, str(tree / "esp/EFI"), str(tree / "esp/loader"), "::"])
    _run([*as_root(), "rm", "-r", str(tree / "esp")])


def _fill_root(tree: Path, disk: Path, offset: int) -> None:
    # The backup table of a GPT takes the last 33 sectors.
    kib = (SIZE - offset - MIB) // 1024
    options = ["-q", "-F", "-L", "root", "-O", FEATURES, "-E", f"offset={offset}", "-d", str(tree)]
    _run([*as_root(), "mkfs.ext4", *options, str(disk), f"{kib}k"])


def _run(command: list[str], stdin: str = "") -> None:
    environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    ended = subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=environment, cwd=PROJECT, check=False
    )
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr[-4000:]}")
