"""The running kernel: what follows from its command line, the firmware and the initramfs."""

from __future__ import annotations

from dataclasses import dataclass, field

from practice.scenario import PciFunction, Scenario

VFIO = "vfio-pci"
INTEL = "8086"
FAULT = (
    "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x4d800000 [fault reason 0x06]"
    " PTE Read access is not set"
)
"""facts: peers-and-failures.md 3, row 11; recorded with other messages of the kernel."""


@dataclass
class Kernel:
    """`drivers`: address -> driver in use; `groups`: address -> IOMMU group, empty without an IOMMU."""

    release: str
    cmdline: str
    iommu: bool
    drivers: dict[str, str | None]
    groups: dict[str, int]
    framebuffer: str
    modules: list[str] = field(default_factory=list)
    dmesg: list[str] = field(default_factory=list)
    vfio_nodes: bool = True
    """Whether udev has made /dev/vfio/GROUP."""


def boot(scenario: Scenario, release: str, cmdline: str, inside: dict[str, str], etc_modules: str) -> Kernel:
    """Boot: IOMMU, framebuffer, then the drivers (facts: pve.md 5.1, 5.2; test-host.md 1.5)."""
    arguments = cmdline.split()
    iommu = _iommu(scenario, arguments)
    rules = [line.split() for text in inside.values() for line in text.splitlines()]
    early = {word.replace("_", "-") for word in inside.get("/etc/initramfs-tools/modules", "").split()}
    drivers = {function.address: _driver(function, rules, early) for function in scenario.pci}
    hidden = "initcall_blacklist=sysfb_init" in arguments
    framebuffer = _framebuffer(scenario, drivers, hidden)
    groups = {function.address: function.group for function in scenario.pci} if iommu else {}
    loaded = {driver for driver in drivers.values() if driver} | {
        line.strip() for line in etc_modules.splitlines() if line.strip() and not line.startswith("#")
    }
    kernel = Kernel(release, cmdline, iommu, drivers, groups, framebuffer, sorted(loaded))
    kernel.dmesg = _dmesg(scenario, kernel, hidden)
    return kernel


def _iommu(scenario: Scenario, arguments: list[str]) -> bool:
    if not scenario.get("hardware.vtd", True):
        return False
    wanted = bool(scenario.get("kernel.iommu_default", False))
    for argument in arguments:
        if argument.startswith("intel_iommu="):
            values = argument.partition("=")[2].split(",")
            wanted = "off" not in values and (wanted or "on" in values)
    return wanted


def _driver(function: PciFunction, rules: list[list[str]], early: set[str]) -> str | None:
    """`options vfio-pci ids=` acts only once vfio-pci is loaded; without a softdep or the initramfs the native driver
    is first (measured: facts/test-host.md 1.5)."""
    blacklisted = {_plain(words[1]) for words in rules if words[:1] == ["blacklist"] and len(words) > 1}
    native = [module for module in function.modules if _plain(module) not in blacklisted]
    waits = {_plain(words[1]) for words in rules if words[:1] == ["softdep"] and "pre:" in words and VFIO in words}
    ids = {
        identity.lower()
        for words in rules
        if words[:2] in (["options", VFIO], ["options", "vfio_pci"])
        for word in words[2:]
        if word.startswith("ids=")
        for identity in word[4:].split(",")
    }
    claimed = function.ids in ids
    first = VFIO in early or any(_plain(module) in waits for module in native[:1])
    if claimed and first:
        return VFIO
    return native[0] if native else None


def _plain(module: str) -> str:
    return module.replace("-", "_")


def _framebuffer(scenario: Scenario, drivers: dict[str, str | None], hidden: bool) -> str:
    """Who draws on the screen: the native driver, else the firmware's framebuffer unless sysfb was kept out."""
    for function in scenario.pci:
        if function.class_code.startswith("0300") and drivers[function.address] in ("i915", "xe", "amdgpu", "ast"):
            return f"{drivers[function.address]}drmfb"
    return "" if hidden else "simpledrmdrmfb"


def _dmesg(scenario: Scenario, kernel: Kernel, hidden: bool) -> list[str]:
    lines = [f"Linux version {kernel.release} (build@proxmox)", f"Command line: {kernel.cmdline}"]
    if scenario.get("hardware.vtd", True) and _has_intel(scenario):
        lines += ["ACPI: DMAR 0x0000000075A1F000 000088 (v02 INTEL  EDK2     00000002      01000013)"]
        lines += [f"DMAR: Host address width {scenario.get('hardware.iommu_bits', 39)}"]
    if "intel_iommu=on" in kernel.cmdline.split() and scenario.get("hardware.vtd", True):
        lines += ["DMAR: IOMMU enabled"]
    if kernel.iommu:
        lines += [
            "DMAR-IR: Enabled IRQ remapping in x2apic mode",
            "pci 0000:00:02.0: Adding to iommu group 0",
            "DMAR: Intel(R) Virtualization Technology for Directed I/O",
        ]
    lines += scenario.get("kernel.messages", [])
    lines += [FAULT] * int(scenario.get("kernel.dma_faults", 0))
    if hidden:
        lines += ["blacklisting initcall sysfb_init", "initcall sysfb_init blacklisted"]
    return lines


def _has_intel(scenario: Scenario) -> bool:
    return str(scenario.get("hardware.vendor", "GenuineIntel")) == "GenuineIntel"
