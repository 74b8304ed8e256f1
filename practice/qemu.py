"""A VM starts: devices are plugged in, the host's are taken from it, and the guest finds what it finds.

The order is QEMU's [7.2]: slot, IOMMU group, chip, ROM file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from practice import igd, kvm, vfio
from practice.kvm import Device, QemuRefused, Slots

if TYPE_CHECKING:
    from practice.machine import Machine
    from practice.scenario import PciFunction

LEGACY_SLOT = 2 * 8
LPC_SLOT = 0x1F * 8
REGIONS = ("opregion", "host", "lpc")
GOP = "Intel(R) GOP Driver".encode("utf-16-le")
"""A ROM whose GOP driver does not know the chip counts as none; one without GOP works once Windows' driver does."""


@dataclass
class QemuStart:
    """A VM that runs: what QEMU printed, and what it was given. `later`: what QEMU says once the guest runs."""

    version: str = ""
    """Of QEMU; a VM keeps it while it runs."""
    lines: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    groups: set[int] = field(default_factory=set)
    """IOMMU groups that are its own now."""
    igpu: PciFunction | None = None
    has_audio: bool = False
    chip: igd.Outcome = field(default_factory=igd.Outcome)
    helper_fits: bool = False
    """The ROM (or SeaBIOS, for old chips) can set OpRegion and stolen memory up under this QEMU."""
    bar_held: bool = False
    """The host's framebuffer still has the chip's memory."""

    @property
    def has_igpu(self) -> bool:
        return self.igpu is not None

    @property
    def driver_works(self) -> bool:
        """Windows' driver needs the OpRegion and stolen memory, else Code 43 (facts: windows-and-rom.md A.6, B.3)."""
        return self.chip.opregion and self.chip.stolen_memory and self.helper_fits

    @property
    def picture(self) -> bool:
        """Without the host's LPC bridge ids there is no output (facts: pve.md 0, windows-and-rom.md B.3)."""
        return self.driver_works and self.chip.lpc and not self.bar_held


def launch(machine: Machine, command: list[str]) -> QemuStart:
    """Run a kvm command line. Raises `QemuRefused` where kvm would exit."""
    start = QemuStart(str(machine.scenario.get("pve.qemu")).split("-")[0])
    slots = Slots(command)
    devices = kvm.parse(machine, command)
    try:
        for device in devices:
            slots.plug(device)
            if device.driver == "vfio-pci":
                _assign(machine, device, command, slots, start)
    except QemuRefused as refused:
        raise QemuRefused(*start.lines, *refused.lines) from None
    for device in devices:
        # Said at the first reset of the machine, after all devices are there; harmless (facts: pve.md 7).
        function = vfio.function(machine, device.options.get("host", ""))
        if device.driver == "vfio-pci" and function is not None and function.class_code.startswith("04"):
            start.lines.append(f"kvm: vfio: Cannot reset device {function.address}, no available reset mechanism.")
    return start


def _assign(machine: Machine, device: Device, command: list[str], slots: Slots, start: QemuStart) -> None:
    if "host" not in device.options:
        usage = "Use -device vfio-pci,host=DDDD:BB:DD.F or -device vfio-pci,sysfsdev=PATH_TO_DEVICE"
        raise device.refused("No provided host device", usage)
    function = vfio.function(machine, device.options["host"])
    if function is None:
        raise device.refused(f"vfio {device.options['host']}: no such host device: No such file or directory")
    start.groups.add(_group(machine, device, function.address, start))
    if function.class_code.startswith("03"):
        start.igpu = function
        _graphics(machine, device, function, command, slots, start)
    elif function.class_code.startswith("04"):
        start.has_audio = True
    rom = _rom(machine, device)
    if function is start.igpu:
        start.helper_fits = _helper(machine, rom, function, "ovmf" if _ovmf(command) else "seabios")


def _group(machine: Machine, device: Device, address: str, start: QemuStart) -> int:
    """The IOMMU group, free and viable."""
    kernel, name = machine.kernel, f"vfio {address}"
    group = kernel.groups.get(address)
    if group is None:
        raise device.refused(f"{name}: no iommu_group found: No such file or directory")
    node = f"{name}: failed to open /dev/vfio/{group}"
    if not kernel.vfio_nodes or not vfio.bound(machine, group):
        raise device.refused(f"{node}: No such file or directory")
    if group not in start.groups and any(group in guest.groups for guest in machine.guests.values()):
        raise device.refused(f"{node}: Device or resource busy")
    if not vfio.viable(machine, group):
        raise device.refused(
            f"{name}: group {group} is not viable",
            "Please ensure all devices within the iommu_group are bound to their vfio bus driver.",
        )
    return group


def _graphics(
    machine: Machine, device: Device, function: PciFunction, command: list[str], slots: Slots, start: QemuStart
) -> None:
    options, bus = device.options, device.options.get("bus", "pci.0")
    if machine.kernel.framebuffer.startswith("simple") and function.class_code == igd.VGA_CLASS:
        start.bar_held = True
        start.lines.append(device.said(f"Failed to mmap {function.address} BAR 2. Performance may be slow"))
        machine.kernel.dmesg.append(
            f"vfio-pci {function.address}: BAR 2: can't reserve [mem 0x4000000000-0x400fffffff 64bit pref]"
        )
    if function.vendor != "8086":
        return
    shadow = machine.scenario.get("hardware.rom_bar", "invalid")
    chip = igd.Chip(
        address=function.address,
        device=function.device,
        class_code=function.class_code,
        at_02=not slots.q35 and bus == "pci.0" and kvm.place(options.get("addr", "")) == LEGACY_SLOT,
        lpc_slot_free=not slots.q35 and not slots.at("pci.0", LPC_SLOT),
        has_rom="romfile" in options or shadow != "none",
        vga_access=not machine.kernel.vga_disabled,
        regions=frozenset(machine.scenario.get("hardware.igd_regions", REGIONS)),
        options=options,
    )
    try:
        start.chip = igd.assign(machine.scenario.get("pve.qemu"), chip)
    except igd.Refused as refused:
        raise QemuRefused(*(device.said(line) for line in refused.lines)) from None
    start.lines += [device.said(line) for line in start.chip.lines]
    if start.chip.lpc:
        slots.take("pci.0", LPC_SLOT, "vfio-pci-igd-lpc-bridge,id=")
    if "romfile" not in options and options.get("rombar") != "0" and shadow == "invalid":
        _no_rom(machine, function.address, start)
    _address_width(machine, command, start)


def _no_rom(machine: Machine, address: str, start: QemuStart) -> None:
    """The host's shadow copy is no ROM, which shows once the guest reads it (facts: windows-and-rom.md B.3)."""
    machine.kernel.dmesg.append(f"vfio-pci {address}: Invalid PCI ROM header signature: expecting 0xaa55, got 0xcffa")
    start.later += [
        f"kvm: vfio-pci: Cannot read device rom at {address}",
        "Device option ROM contents are probably invalid (check dmesg).",
        "Skip option ROM probe with rombar=0, or load from file with romfile=",
    ]


def _address_width(machine: Machine, command: list[str], start: QemuStart) -> None:
    """OVMF puts large BARs where the CPU can see them and the IOMMU perhaps cannot (strongtz/i915-sriov-dkms#359)."""
    bits, most = (int(machine.scenario.get(f"hardware.{name}_bits", 39)) for name in ("phys", "iommu"))
    cpu = command[command.index("-cpu") + 1] if "-cpu" in command else ""
    limit = next((part for part in cpu.split(",") if part.startswith("host-phys-bits-limit=")), "")
    seen = min(bits, int(limit.partition("=")[2], 0)) if limit else bits
    if cpu.startswith("host") and _ovmf(command) and seen > most:
        start.later.append(
            f"kvm: vfio_container_dma_map(0x0, 0x{0b111 << (seen - 3):012x}, 0x10000000, 0x0) = -22 (Invalid argument)"
        )


def _ovmf(command: list[str]) -> bool:
    return any("OVMF_CODE" in word for word in command)


def _rom(machine: Machine, device: Device) -> bytes | None:
    """QEMU looks at its size only; what is inside matters to the guest's firmware alone [7.2]."""
    path = device.options.get("romfile", "")
    if not path:
        return None
    if not machine.fs.exists(path):
        raise device.refused(f'failed to find romfile "{path}"')
    if machine.fs.is_dir(path):
        raise device.refused(f'romfile "{path}" too large (size cannot exceed 2 GiB)')
    data = machine.fs.read(path)
    if not data:
        raise device.refused(f'romfile "{path}" is empty')
    return data


def _helper(machine: Machine, rom: bytes | None, function: PciFunction, firmware: str) -> bool:
    """What a practice ROM says of itself (facts: windows-and-rom.md B.2). SeaBIOS sets old chips up by itself."""
    version = machine.scenario.get("pve.qemu")
    if firmware == "seabios":
        return 0 < igd.true_generation(function.device) < 11
    if rom is None or rom[:2] != b"\x55\xaa":
        return False
    has = "A" if b"SetupVmBDSM" in rom else "B" if b"etc/igd-opregion" in rom else ""
    knows = GOP not in rom or bytes.fromhex(function.device)[::-1] in rom
    return knows and has == igd.behaviour(version)["rom_era"]
