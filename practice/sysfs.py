"""/proc and /sys of the running kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice import surroundings
from practice.schema import full_address

if TYPE_CHECKING:
    from practice.machine import Machine


VGA = "0300"
"""Only devices of this class have a boot_vga (Linux: drivers/pci/pci-sysfs.c)."""


def mount(machine: Machine) -> None:
    """Everything that a boot fixes."""
    fs, kernel, scenario = machine.fs, machine.kernel, machine.scenario
    fs.clear("/proc")
    fs.clear("/sys")
    fs.put("/proc/cmdline", f"{kernel.cmdline}\n", 0o444)
    fs.put("/proc/sys/kernel/random/boot_id", f"{machine.boot_id}\n", 0o444)
    fs.put("/proc/sys/kernel/hostname", f"{machine.node}\n", 0o444)
    fs.dynamic("/proc/uptime", lambda: f"{machine.uptime:.2f} {machine.uptime * 3:.2f}\n".encode())
    fs.put("/proc/meminfo", f"MemTotal:       {int(scenario.get('hardware.memory_mib', 16000) * 1024)} kB\n", 0o444)
    fs.put("/proc/cpuinfo", _cpuinfo(machine), 0o444)
    fs.put("/proc/fb", f"0 {kernel.framebuffer}\n" if kernel.framebuffer else "", 0o444)
    fs.dynamic("/proc/modules", lambda: "".join(f"{name} 16384 0 - Live 0x0\n" for name in kernel.modules).encode())
    owner = "        4000000000-40007fffff : simplefb\n" if kernel.framebuffer.startswith("simple") else ""
    fs.put("/proc/iomem", "00000000-00000fff : Reserved\n4000000000-400fffffff : 0000:00:02.0\n" + owner, 0o400)
    intel = scenario.get("hardware.vendor", "GenuineIntel") == "GenuineIntel"
    if intel and scenario.get("hardware.vtd", True):
        fs.put("/sys/firmware/acpi/tables/DMAR", b"DMAR", 0o400)
    if scenario.get("boot.efi", True):
        fs.mkdir("/sys/firmware/efi/efivars", parents=True)
    fs.mkdir("/sys/class/iommu", parents=True)
    if kernel.iommu:
        for name in ("dmar0", "dmar1") if intel else ("ivhd0",):
            fs.mkdir(f"/sys/class/iommu/{name}")
    _network(machine)
    surroundings.mount(machine)
    mount_pci(machine)


def mount_pci(machine: Machine) -> None:
    """/sys/bus/pci and /sys/kernel/iommu_groups; again whenever a driver is bound."""
    fs, kernel, scenario = machine.fs, machine.kernel, machine.scenario
    screens = [item.address for item in machine.pci if item.class_code == VGA and not item.parent]
    primary = full_address(scenario.get("hardware.primary", screens[0] if screens else ""))
    resets = {full_address(key): text for key, text in scenario.get("hardware.reset_methods", {}).items()}
    fs.clear("/sys/bus/pci")
    fs.clear("/sys/kernel/iommu_groups")
    fs.mkdir("/sys/kernel/iommu_groups", parents=True)
    for function in machine.pci:
        folder = f"/sys/bus/pci/devices/{function.address}"
        fs.put(f"{folder}/vendor", f"0x{function.vendor}\n", 0o444)
        fs.put(f"{folder}/device", f"0x{function.device}\n", 0o444)
        fs.put(f"{folder}/class", f"0x{function.class_code.ljust(6, '0')}\n", 0o444)
        if function.class_code == VGA:
            fs.put(f"{folder}/boot_vga", f"{int(function.address == primary)}\n", 0o444)
        if function.address in resets:
            fs.put(f"{folder}/reset_method", f"{resets[function.address]}\n", 0o644)
        driver = kernel.drivers.get(function.address)
        if driver:
            fs.mkdir(f"/sys/bus/pci/drivers/{driver}", parents=True)
            fs.link(f"../../drivers/{driver}", f"{folder}/driver")
        group = kernel.groups.get(function.address)
        if group is not None:
            place = f"/sys/kernel/iommu_groups/{group}"
            fs.link(f"../../../../kernel/iommu_groups/{group}", f"{folder}/iommu_group")
            fs.link(f"../../../../bus/pci/devices/{function.address}", f"{place}/devices/{function.address}")
    surroundings.mount_functions(machine)


def _cpuinfo(machine: Machine) -> str:
    scenario = machine.scenario
    vendor = scenario.get("hardware.vendor", "GenuineIntel")
    flag = "vmx " if vendor == "GenuineIntel" else "svm "
    flag = flag if scenario.get("hardware.vtx", True) else ""
    microcode = scenario.get("hardware.microcode")
    one = (
        f"vendor_id\t: {vendor}\nmodel name\t: {scenario.get('hardware.cpu')}\n"
        + (f"microcode\t: {microcode}\n" if microcode else "")
        + f"flags\t\t: fpu vme de pse tsc msr pae {flag}lm aes\n"
        f"address sizes\t: {scenario.get('hardware.phys_bits', 39)} bits physical, 48 bits virtual\n"
    )
    return "".join(f"processor\t: {number}\n{one}\n" for number in range(int(scenario.get("hardware.threads", 4))))


def _network(machine: Machine) -> None:
    fs = machine.fs
    for bridge, ports in bridges(machine).items():
        fs.mkdir(f"/sys/class/net/{bridge}/bridge", parents=True)
        fs.mkdir(f"/sys/class/net/{bridge}/brif", parents=True)
        for port in ports:
            fs.mkdir(f"/sys/class/net/{bridge}/brif/{port}")
    fs.mkdir("/sys/class/net/lo", parents=True)
    for function in machine.pci:
        if function.interface:
            fs.link(f"../../../bus/pci/devices/{function.address}", f"/sys/class/net/{function.interface}/device")


def bridges(machine: Machine) -> dict[str, list[str]]:
    """Bridge -> its ports; the first one has the host's address."""
    scenario = machine.scenario
    return {scenario.get("network.bridge"): [scenario.get("network.port")], **scenario.get("network.others", {})}
