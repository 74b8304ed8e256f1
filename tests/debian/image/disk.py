"""Disks from the root file system: no loop device, no mount, no privilege beyond a user namespace.

`grub`: MBR, ext4, GRUB for BIOS. `systemd-boot`: GPT, an ESP with systemd-boot, ext4; /etc/kernel/cmdline counts. GRUB
for UEFI lies beside it on the ESP, for the third state (`start_grub`).
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

GRUB_MODULES = ("ext2", "search_label", "search_fs_uuid", "normal", "configfile", "linux", "serial")
GRUB_PLATFORM = {"i386-pc": ("biosdisk", "part_msdos"), "x86_64-efi": ("part_gpt", "fat")}
GRUB_EFI = "EFI/debian/grubx64.efi"


def missing_tools() -> list[str]:
    """Packages that building needs and this machine lacks."""
    wanted = {"sfdisk": "fdisk", "mkfs.ext4": "e2fsprogs", "mkfs.vfat": "dosfstools", "mcopy": "mtools"}
    return [package for program, package in wanted.items() if not shutil.which(program)]


def disk_recipe(loader: Loader) -> str:
    """What a disk depends on. Builds the root file system where it is not there."""
    return recipe(Path(__file__), HERE / "common", HERE / loader, rootfs().name, *(PROJECT / name for name in INSIDE))


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
    overlays = {name: tree.parent / f"{name}.tar" for name in ("common", loader)}
    for name, overlay in overlays.items():
        pack(HERE / name, overlay)
    for tar in (rootfs(), *overlays.values()):
        command = ["tar", "-x", "-p", "--numeric-owner", "--exclude=./dev/*", "-f", str(tar), "-C", str(tree)]
        _run([*as_root(), *command])
    _run([*as_root(), sys.executable, "-m", "tests.debian.inside.install", str(tree)])
    # On an emulated processor compiling takes longer than starting.
    _inside(tree, "python3 -m compileall -q /usr/lib/pve-stand-ins")


def start_grub(disk: Path) -> None:
    """Of a `systemd-boot` disk: let the firmware start GRUB. /etc/kernel/cmdline stays, and counts for nothing."""
    place = f"{disk}@@{MIB}"
    loader = disk.with_name("grubx64.efi")
    _run(["mcopy", "-i", place, f"::{GRUB_EFI}", str(loader)])
    _run(["mcopy", "-o", "-i", place, str(loader), "::EFI/BOOT/BOOTX64.EFI"])
    loader.unlink()


def _grub_image(tree: Path, platform: str, place: str) -> None:
    """A core image that finds the file system by its label; its modules where grub-install puts them."""
    early = "search.fs_label root root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n"
    modules = [*GRUB_MODULES, *GRUB_PLATFORM[platform]]
    _inside(tree, f"mkdir -p /boot/grub/{platform}; cp /usr/lib/grub/{platform}/*.mod /boot/grub/{platform}")
    _inside(tree, "cat > /early.cfg", early)
    _inside(
        tree, f"grub-mkimage -O {platform} -c /early.cfg -p /boot/grub -o {place} {' '.join(modules)}; rm /early.cfg"
    )


def _embed_grub(tree: Path, disk: Path) -> None:
    """boot.img and core.img before the first partition. The sealed disk gets them from a real grub-install."""
    _grub_image(tree, "i386-pc", "/core.img")
    with disk.open("r+b") as made:
        made.write((tree / "usr/lib/grub/i386-pc/boot.img").read_bytes()[:440])
        made.seek(SECTOR)
        made.write((tree / "core.img").read_bytes())
    _inside(tree, "rm /core.img")


def _fill_esp(tree: Path, disk: Path) -> None:
    """systemd-boot, and the kernels as the stand-in of proxmox-boot-tool copies them."""
    _run(["mkfs.vfat", "-F", "32", "-i", ESP_ID, f"--offset={MIB // SECTOR}", str(disk), str(ESP_SIZE // 1024)])
    _inside(tree, "mkdir -p /esp/EFI/BOOT /esp/EFI/debian /esp/loader")
    _inside(tree, "cp /usr/lib/systemd/boot/efi/systemd-bootx64.efi /esp/EFI/BOOT/BOOTX64.EFI")
    _inside(tree, "cat > /esp/loader/loader.conf", "timeout 1\n")
    _inside(tree, "proxmox-boot-tool fill /esp")
    _grub_image(tree, "x86_64-efi", f"/esp/{GRUB_EFI}")
    _run(["mcopy", "-s", "-i", f"{disk}@@{MIB}", str(tree / "esp/EFI"), str(tree / "esp/loader"), "::"])
    _inside(tree, "rm -r /esp")


def _inside(tree: Path, script: str, stdin: str = "") -> None:
    _run([*as_root(), "chroot", str(tree), "sh", "-ec", script], stdin)


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
