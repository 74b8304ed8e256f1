"""What is on the disk of a fresh Proxmox VE installation, as far as the guide and its checks look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.schema import ScenarioError

if TYPE_CHECKING:
    from practice.machine import Machine

GRUB_DEFAULT = """# If you change this file, run 'update-grub' afterwards to update
# /boot/grub/grub.cfg.
# For full documentation of the options in this file, see:
#   info -f grub -n 'Simple configuration'

GRUB_DEFAULT=0
GRUB_TIMEOUT=5
GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX=""
"""

MODULES = """# /etc/modules: kernel modules to load at boot time.
#
# This file contains the names of kernel modules that should be loaded
# at boot time, one per line. Lines beginning with "#" are ignored.
# Parameters can be specified after the module name.

"""

BLACKLIST = """# This file contains a list of modules which are not supported by Proxmox VE

# nvidiafb see bugreport https://bugzilla.proxmox.com/show_bug.cgi?id=701
blacklist nvidiafb
"""


GRUB_PVE = """GRUB_DISTRIBUTOR="Proxmox Virtual Environment"
GRUB_DISABLE_OS_PROBER=true
"""

PACKAGED = {"/etc/modprobe.d/pve-blacklist.conf": BLACKLIST, "/etc/default/grub.d/proxmox-ve.cfg": GRUB_PVE}
"""Configuration that comes with Proxmox VE's own packages."""


def install(machine: Machine) -> None:
    """Folders and files; /proc and /sys come with the boot."""
    fs, scenario = machine.fs, machine.scenario
    for folder in (
        "/tmp",
        "/root",
        "/run",
        "/var/tmp",
        "/var/log",
        "/var/lib/vz/dump",
        "/mnt/pve",
        "/var/run/qemu-server",
    ):
        fs.mkdir(folder, parents=True)
    fs.change("/root", mode=0o700)
    for folder in ("/tmp", "/var/tmp"):
        fs.change(folder, mode=0o1777)
    fs.put("/dev/null", b"", 0o666)
    fs.put("/etc/hostname", f"{machine.node}\n")
    fs.put("/etc/os-release", _os_release(int(scenario.get("debian", 12))))
    fs.put("/etc/modules", MODULES)
    fs.put("/etc/initramfs-tools/modules", "# List of modules that you want to include in your initramfs.\n")
    fs.put("/etc/modprobe.d/pve-blacklist.conf", BLACKLIST)
    fs.mkdir("/var/lib/vz/template/iso", parents=True)
    fs.put("/usr/share/kvm/efi-virtio.rom", b"\x55\xaa" + b"\0" * 1022)
    fs.put("/root/.bashrc", "# ~/.bashrc: executed by bash(1) for non-login shells.\n")
    for release in machine.kernels:
        fs.put(f"/boot/vmlinuz-{release}", b"practice kernel\n")
    _boot_loader(machine)
    cluster(machine)


def add_files(machine: Machine) -> None:
    """What the scenario has beside or in place of a fresh installation's files. Raises `ScenarioError`."""
    for path, text in machine.scenario.get("files", {}).items():
        try:
            machine.fs.put(path, text)
        except OSError as error:
            raise ScenarioError(f"{machine.scenario.name}: files: {path}: {error.strerror}") from error
    for path, size in machine.scenario.get("sized_files", {}).items():
        machine.fs.put(path, b"")
        blob = machine.fs.resolve(path).blob
        assert blob is not None
        blob.truncate(size)


def _boot_loader(machine: Machine) -> None:
    fs, scenario = machine.fs, machine.scenario
    fs.put("/etc/default/grub", GRUB_DEFAULT)
    fs.put("/etc/default/grub.d/proxmox-ve.cfg", GRUB_PVE)
    if scenario.get("boot.cmdline"):
        fs.put("/etc/kernel/cmdline", f"{scenario.get('boot.cmdline')}\n")
    if scenario.get("boot.loader") != "grub" and scenario.get("boot.esp_list", True):
        fs.put("/etc/kernel/proxmox-boot-uuids", f"{machine.esp_uuid}\n")


def cluster(machine: Machine) -> None:
    """/etc/pve and the folders of the storages."""
    fs, node = machine.fs, machine.node
    fs.mkdir("/etc/pve", parents=True)
    fs.change("/etc/pve", gid=33)
    fs.resolve("/etc/pve").cluster = True
    fs.mkdir(f"/etc/pve/nodes/{node}/qemu-server", parents=True)
    fs.mkdir(f"/etc/pve/nodes/{node}/lxc", parents=True)
    for number in range(2, int(machine.scenario.get("cluster.nodes", 1)) + 1):
        fs.mkdir(f"/etc/pve/nodes/{node}{number}/qemu-server", parents=True)
    fs.link(f"nodes/{node}", "/etc/pve/local")
    fs.link(f"nodes/{node}/qemu-server", "/etc/pve/qemu-server")
    fs.link(f"nodes/{node}/lxc", "/etc/pve/lxc")
    for name in ("local", "qemu-server", "lxc"):
        fs.touch(fs.resolve(f"/etc/pve/{name}", follow=False), 0)
    machine.pve.storages.save()
    for storage in machine.scenario.get("storage", []):
        if "path" in storage and "iso" in storage["content"]:
            fs.mkdir(f"{storage['path']}/template/iso", parents=True)


def _os_release(debian: int) -> str:
    name = {11: "bullseye", 12: "bookworm", 13: "trixie"}[debian]
    return (
        f'PRETTY_NAME="Debian GNU/Linux {debian} ({name})"\nNAME="Debian GNU/Linux"\nVERSION_ID="{debian}"\n'
        f'VERSION="{debian} ({name})"\nVERSION_CODENAME={name}\nID=debian\nHOME_URL="https://www.debian.org/"\n'
        'SUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n'
    )
