"""The running kernel: what follows from its command line, the firmware and the initramfs (table: data/kernel.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from practice import modprobe
from practice.igd import numbers
from practice.modprobe import Config, plain
from practice.scenario import PciFunction, Scenario

VFIO = "vfio-pci"
GRAPHICS = ("i915", "xe", "amdgpu", "ast", "nouveau")
INITRAMFS_MODULES = "/etc/initramfs-tools/modules"
FAULT = (
    "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x4d800000 [fault reason 0x06]"
    " PTE Read access is not set"
)
"""facts: peers-and-failures.md 3, row 11; recorded with other messages of the kernel."""


@cache
def table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "data" / "kernel.toml").read_text(encoding="utf-8"))


@dataclass
class Kernel:
    """`drivers`: address -> driver in use; `groups`: address -> IOMMU group, empty without an IOMMU."""

    release: str
    cmdline: str
    iommu: bool
    drivers: dict[str, str | None]
    groups: dict[str, int]
    framebuffer: str = ""
    modules: list[str] = field(default_factory=list)
    """As lsmod names them, in the order of loading."""
    dmesg: list[str] = field(default_factory=list)
    vfio_nodes: bool = True
    """Whether udev makes /dev/vfio/GROUP."""
    vga_disabled: bool = False
    """vfio-pci was loaded with disable_vga=1: no guest may claim VGA cycles."""


def boot(scenario: Scenario, release: str, cmdline: str, inside: Mapping[str, str], etc_modules: str) -> Kernel:
    """Boot: IOMMU, framebuffer, then the drivers (facts: pve.md 5.1, 5.2; test-host.md 1.5).

    Drivers go by the modprobe.d of the initramfs: what was changed without update-initramfs does not count.
    """
    arguments = cmdline.split()
    iommu = _iommu(scenario, release, arguments)
    kernel = Kernel(release, cmdline, iommu, dict.fromkeys((item.address for item in scenario.pci), None), {})
    kernel.groups = _groups(scenario, arguments) if iommu else {}
    kernel.dmesg = _dmesg(scenario, kernel)
    loader = Loader(scenario.pci, kernel, modprobe.parse(inside, cmdline))
    for name in words_of(inside.get(INITRAMFS_MODULES, "")):
        loader.load(name)
    for function in scenario.pci:
        for name in function.modules:
            if plain(name) not in loader.config.blacklist:
                loader.load(name)
    for name in words_of(etc_modules):
        loader.load(name)
    kernel.framebuffer = _framebuffer(scenario, kernel)
    return kernel


def words_of(text: str) -> list[str]:
    """The first word of every line of /etc/modules that is no comment."""
    lines = (line.split() for line in text.splitlines())
    return [words[0] for words in lines if words and words[0][0] not in "#;"]


class Loader:
    """Loads modules by the rules of modprobe.d; a module that comes takes the devices that nobody has."""

    def __init__(self, pci: tuple[PciFunction, ...], kernel: Kernel, config: Config) -> None:
        self._pci = pci
        self._kernel = kernel
        self.config = config
        self._loading: set[str] = set()
        """Whose softdeps are being loaded: a circle ends there."""

    def known(self) -> set[str]:
        """All modules of this kernel that a practice host knows of."""
        return {plain(name) for item in self._pci for name in item.modules} | set(table()["modules"])

    def load(self, name: str) -> bool:
        """Whether it is loaded now. `install` runs another command instead, so it is not."""
        module = plain(name)
        if module in self._kernel.modules:
            return True
        kept_out = module in map(plain, _values(self._kernel.cmdline.split(), "module_blacklist"))
        if module not in self.known() or kept_out or module in self.config.install or module in self._loading:
            return False
        self._loading.add(module)
        for earlier in self.config.before(module):
            self.load(earlier)
        self._loading.discard(module)
        beside = [other for row in table()["together"] if row["module"] == module for other in row["with"]]
        self._kernel.modules += [other for other in [*beside, module] if other not in self._kernel.modules]
        self._say(module)
        self._bind(module)
        for row in table()["requests"]:
            if row["module"] == module and module in {plain(driver or "") for driver in self._kernel.drivers.values()}:
                self.load(row["loads"])
        return True

    def _say(self, module: str) -> None:
        parameters = self.config.parameters(module)
        # Virtual functions are there only with a foreign module, which knows the parameter.
        foreign = any(function.parent for function in self._pci)
        for row in table()["unknown_parameters"]:
            if row["module"] == module and row["name"] in parameters and not foreign:
                self._kernel.dmesg.append(f"{module}: unknown parameter '{row['name']}' ignored")
        if module == plain(VFIO):
            self._kernel.vga_disabled = parameters.get("disable_vga", "0").lower() in ("1", "y", "yes")
            for identity in self._ids():
                self._kernel.dmesg.append(f"vfio_pci: add [{identity}[ffffffff:ffffffff]] class 0x000000/00000000")

    def _ids(self) -> list[str]:
        return [identity.lower() for identity in self.config.parameters(VFIO).get("ids", "").split(",") if identity]

    def _bind(self, module: str) -> None:
        without_screen = module in GRAPHICS and "nomodeset" in self._kernel.cmdline.split()
        for function in self._pci:
            if self._kernel.drivers[function.address] is not None or without_screen:
                continue
            if module == plain(VFIO):
                if function.ids in self._ids():
                    self._kernel.drivers[function.address] = VFIO
            elif module in {plain(name) for name in function.modules}:
                own = next(name for name in function.modules if plain(name) == module)
                self._kernel.drivers[function.address] = own


def _iommu(scenario: Scenario, release: str, arguments: list[str]) -> bool:
    """The last word about it wins; without a DMAR table there is none."""
    if not scenario.get("hardware.vtd", True) or "iommu=off" in arguments:
        return False
    if not _has_intel(scenario):
        return "amd_iommu=off" not in arguments
    row = next(row for row in table()["iommu"] if numbers(release) >= numbers(row["from"]))
    wanted = bool(scenario.get("kernel.iommu_default", row["on"]))
    for value in _values(arguments, "intel_iommu"):
        wanted = value == "on" or (wanted and value != "off")
    return wanted


def _values(arguments: list[str], name: str) -> list[str]:
    """All values of an argument that takes a list, in order."""
    given = [argument.partition("=")[2] for argument in arguments if argument.startswith(f"{name}=")]
    return [value for text in given for value in text.split(",")]


def _groups(scenario: Scenario, arguments: list[str]) -> dict[str, int]:
    """The machine's; each function its own with Proxmox' ACS override; no chip in any with igfx_off."""
    found = {function.address: function.group for function in scenario.pci}
    if "multifunction" in _values(arguments, "pcie_acs_override"):
        found = {address: number for number, address in enumerate(sorted(found))}
    if "igfx_off" in _values(arguments, "intel_iommu"):
        graphics = {function.address for function in scenario.pci if function.class_code.startswith("03")}
        found = {address: group for address, group in found.items() if address not in graphics}
    return found


def _framebuffer(scenario: Scenario, kernel: Kernel) -> str:
    """Who draws on the screen: the native driver, else the firmware's framebuffer unless sysfb was kept out."""
    for function in scenario.pci:
        driver = kernel.drivers[function.address]
        if function.class_code.startswith("0300") and driver in GRAPHICS:
            return f"{driver}drmfb"
    hidden = "sysfb_init" in _values(kernel.cmdline.split(), "initcall_blacklist")
    return "" if hidden else "simpledrmdrmfb"


def _dmesg(scenario: Scenario, kernel: Kernel) -> list[str]:
    """Forms: data of real machines (FORMAT-ONLY lines of the kernel's drivers/iommu/intel)."""
    lines = [f"Linux version {kernel.release} (build@proxmox)", f"Command line: {kernel.cmdline}"]
    arguments = kernel.cmdline.split()
    intel = _has_intel(scenario)
    if scenario.get("hardware.vtd", True) and intel:
        lines += ["ACPI: DMAR 0x0000000075A1F000 000088 (v02 INTEL  EDK2     00000002      01000013)"]
        words = {"on": "IOMMU enabled", "off": "IOMMU disabled", "igfx_off": "Disable GFX device mapping"}
        lines += [f"DMAR: {words[value]}" for value in _values(arguments, "intel_iommu") if value in words]
        lines += [f"DMAR: Host address width {scenario.get('hardware.iommu_bits', 39)}"]
    if _values(arguments, "pcie_acs_override"):
        lines += ["Warning: PCIe ACS overrides enabled; This may allow non-IOMMU protected peer DMA"]
    if kernel.iommu:
        lines += [f"pci {address}: Adding to iommu group {group}" for address, group in sorted(kernel.groups.items())]
        lines += ["DMAR-IR: Enabled IRQ remapping in x2apic mode"] if intel else []
        lines += ["DMAR: Intel(R) Virtualization Technology for Directed I/O"] if intel else []
        lines += [] if intel else ["AMD-Vi: Interrupt remapping enabled"]
    for name in _values(arguments, "initcall_blacklist"):
        lines += [f"blacklisting initcall {name}", f"initcall {name} blacklisted"]
    lines += scenario.get("kernel.messages", [])
    lines += [FAULT] * int(scenario.get("kernel.dma_faults", 0))
    return lines


def _has_intel(scenario: Scenario) -> bool:
    return str(scenario.get("hardware.vendor", "GenuineIntel")) == "GenuineIntel"
