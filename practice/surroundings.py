"""What surrounds the graphics chip in /sys and /proc: disks, keyboard, screens, virtual and mediated functions.

Forms: Linux' sysfs and input documentation; what the kernel shows depends on which driver has a device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.schema import full_address

if TYPE_CHECKING:
    from practice.machine import Machine

GRAPHICS_DRIVERS = ("i915", "xe")
NVME, STORAGE = "0108", ("0100", "0101", "0104", "0106", "0107")

BUTTON = (
    'I: Bus=0019 Vendor=0000 Product=0001 Version=0000\nN: Name="Power Button"\nP: Phys=PNP0C0C/button/input0\n'
    "S: Sysfs=/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0C0C:00/input/input0\nH: Handlers=kbd event0\n"
    "B: EV=3\nB: KEY=10000000000000 0\n\n"
)
KEYBOARD = (
    'I: Bus=0003 Vendor=04d9 Product=0169 Version=0110\nN: Name="USB Keyboard"\nP: Phys=usb-{0}-1/input0\n'
    "S: Sysfs=/devices/pci0000:00/{0}/usb1/1-1/1-1:1.0/0003:04D9:0169.0001/input/input3\n"
    "H: Handlers=sysrq kbd leds event3\nB: EV=120013\nB: LED=7\n\n"
)


def disks(machine: Machine) -> dict[str, str]:
    """Block device -> its controller. By default one disk, on the first NVMe controller or else the first other."""
    given = machine.scenario.get("hardware.disks")
    if given is not None:
        return {name: full_address(address) for name, address in given.items()}
    nvme = [item.address for item in machine.pci if item.class_code == NVME]
    other = [item.address for item in machine.pci if item.class_code in STORAGE]
    return {"nvme0n1": nvme[0]} if nvme else {"sda": other[0]} if other else {}


def boot_disks(machine: Machine) -> list[str]:
    """Those below the root file system."""
    return list(machine.scenario.get("boot.disks", list(disks(machine))[:1]))


def partition(disk: str, number: int) -> str:
    """nvme0n1p3, sda3"""
    return f"{disk}p{number}" if disk[-1].isdigit() else f"{disk}{number}"


def root(machine: Machine) -> tuple[str, str]:
    """(device or data set, file system) of /, from the running command line."""
    given = [word[5:] for word in machine.kernel.cmdline.split() if word.startswith("root=")]
    source = given[-1] if given else "/dev/mapper/pve-root"
    if source.startswith("ZFS="):
        return source[4:], "zfs"
    if source.startswith("/dev/"):
        return source, "ext4"
    last = boot_disks(machine)
    return f"/dev/{partition(last[0], 3)}" if last else source, "ext4"


def mount(machine: Machine) -> None:
    """What a boot fixes."""
    for name, address in disks(machine).items():
        bus = f"nvme/{name[:5]}" if name.startswith("nvme") else "ata1/host0/target0:0:0/0:0:0:0/block"
        place = f"devices/pci0000:00/{address}/{bus}/{name}"
        machine.fs.mkdir(f"/sys/{place}", parents=True)
        machine.fs.link(f"../{place}", f"/sys/block/{name}")
    keyboard = machine.scenario.get("hardware.keyboard")
    typed = KEYBOARD.format(full_address(keyboard)) if keyboard else ""
    machine.fs.put("/proc/bus/input/devices", BUTTON + typed, 0o444)


def mount_functions(machine: Machine) -> None:
    """Virtual and mediated functions and screens: again whenever a driver is bound. /sys/bus/pci is there."""
    fs, drivers = machine.fs, machine.kernel.drivers
    for address in ("/sys/class/drm", "/sys/bus/mdev"):
        fs.clear(address)
    for function in machine.pci:
        if function.parent:
            fs.link(f"../{function.parent}", f"{_folder(function.address)}/physfn")
    for shown, count in machine.scenario.get("hardware.virtual_functions", {}).items():
        fs.put(f"{_folder(shown)}/sriov_numvfs", f"{count}\n", 0o644)
    for shown, kinds in machine.scenario.get("hardware.mediated", {}).items():
        if drivers.get(full_address(shown)) == "i915":
            for kind in kinds:
                fs.mkdir(f"{_folder(shown)}/mdev_supported_types/{kind}", parents=True)
            _mediated(machine, full_address(shown))
    chip = next((item for item in machine.pci if drivers.get(item.address) in GRAPHICS_DRIVERS), None)
    for name, state in machine.scenario.get("hardware.connectors", {}).items() if chip else ():
        fs.put(f"/sys/class/drm/card0-{name}/status", f"{state}\n", 0o444)


def _mediated(machine: Machine, parent: str) -> None:
    """One device for each running VM that has a part of the chip (qemu-server names it after the VM)."""
    for vmid in machine.guests:
        for key, value in machine.pve.vms.file(vmid).main.items():
            if key.startswith("hostpci") and "mdev=" in value:
                name = f"{int(key[7:]):08d}-0000-0000-0000-{vmid:012d}"
                machine.fs.mkdir(f"{_folder(parent)}/{name}", parents=True)
                machine.fs.link(f"../../pci/devices/{parent}/{name}", f"/sys/bus/mdev/devices/{name}")


def _folder(address: str) -> str:
    return f"/sys/bus/pci/devices/{full_address(address)}"
