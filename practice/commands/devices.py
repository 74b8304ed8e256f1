"""findmnt, lsblk and dkms, as far as a survey of the host asks them."""

from __future__ import annotations

from practice import surroundings
from practice.commands.options import refuse
from practice.shell.context import Context, command


@command("findmnt")
async def findmnt(context: Context) -> int:
    """findmnt -n -o SOURCE,FSTYPE /"""
    if context.argv[1:] != ["-n", "-o", "SOURCE,FSTYPE", "/"]:
        return refuse(context, " ".join(context.argv[1:]))
    context.out(" ".join(surroundings.root(context.machine)) + "\n")
    return 0


@command("lsblk")
async def lsblk(context: Context) -> int:
    """lsblk -r -n -o NAME,PKNAME,TYPE,FSTYPE: three partitions per disk of the installer (BIOS boot, ESP, system)."""
    if context.argv[1:] != ["-r", "-n", "-o", "NAME,PKNAME,TYPE,FSTYPE"]:
        return refuse(context, " ".join(context.argv[1:]))
    machine = context.machine
    source, system = surroundings.root(machine)
    boot = surroundings.boot_disks(machine)
    for disk in surroundings.disks(machine):
        context.out(f"{disk}  disk \n")
        if disk not in boot:
            continue
        kinds = ["", "vfat", "zfs_member" if system == "zfs" else "LVM2_member" if "mapper" in source else system]
        for number, kind in enumerate(kinds, 1):
            context.out(f"{surroundings.partition(disk, number)} {disk} part {kind}\n")
        if "mapper" in source:
            context.out(f"{source.rpartition('/')[2]} {surroundings.partition(disk, 3)} lvm {system}\n")
    return 0


@command("dkms")
async def dkms(context: Context) -> int:
    """Foreign modules; a host without any has no dkms either."""
    lines = context.machine.scenario.get("dkms", [])
    if not lines:
        context.err("sh: 1: dkms: not found\n")
        return 127
    if context.argv[1:] != ["status"]:
        return refuse(context, " ".join(context.argv[1:]))
    context.out("".join(f"{line}\n" for line in lines))
    return 0
