"""A survey as a practice scenario: what the host said becomes its keys (schema: practice/scenarios/README.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from guide import igd
from guide.bundle import devices
from guide.bundle.devices import Devices, as_rows
from guide.choices import Choices
from guide.facts import grub
from guide.facts.hostpci import entries
from guide.facts.model import Facts, Loader, Versions
from guide.rules import judge

OLDEST_QEMU = (7,)
ABOUT_GAPS = frozenset({"excerpt", "chip-id-missing", "qemu-unknown"})
"""Findings about the survey's own gaps; the practice host has none."""

BY_OTHER_KEYS = ("/etc/pve/storage.cfg", "/etc/kernel/proxmox-boot-uuids")
GRUB = "/etc/default/grub"
GRUB_TEXT = 'GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT="{}"\nGRUB_CMDLINE_LINUX=""\n'
MOST_VMID = 1_000_000_000
ROMS, ROM_SIZE = "/usr/share/kvm/", 64 << 10
GVT_TYPE = "i915-GVTg_V5_8"
VENDORS = ("GenuineIntel", "AuthenticAMD")
MICROCODE = "3.20250812.1~deb13u1"
"""Any version will do: nothing asks which one it is."""

_TIME = re.compile(r"^\[ *\d+\.\d+\] ")
_OWN_MESSAGE = re.compile(
    r"DMAR: (Host address width|IOMMU enabled)|Request device \[00:02\.0\]|^Linux version|ACPI: DMAR"
)


@dataclass(frozen=True)
class Release:
    """A shared part with the versions of a release. `name` is what `extends` takes."""

    name: str
    pve: str
    kernel: str
    qemu: str


@dataclass
class Machine:
    """`table` is the scenario; `assumed`: (key, value) of what the survey does not say."""

    table: dict[str, Any] = field(default_factory=dict)
    assumed: list[tuple[str, str]] = field(default_factory=list)

    def put(self, key: str, value: Any) -> None:
        """Set a dotted key; None, "" and empty things are left to the defaults."""
        if value is None or value in ("", [], {}):
            return
        section, _, name = key.rpartition(".")
        (self.table.setdefault(section, {}) if section else self.table)[name] = value

    def assume(self, key: str, value: Any) -> None:
        """Set it, and say so."""
        self.put(key, value)
        self.assumed.append((key, str(value).lower() if isinstance(value, bool) else str(value)))

    def known_or(self, key: str, value: Any, default: Any) -> None:
        """What the survey says, or the default that is said to be one."""
        if value is None or value == "":
            self.assume(key, default)
        else:
            self.put(key, value)


def as_scenario(facts: Facts, name: str, releases: tuple[Release, ...]) -> Machine:
    """The scenario of a surveyed host. `releases`: what it may extend; the first one always."""
    made = Machine()
    release = _release(facts, releases)
    made.put("title", f"From the survey {name}")
    made.put("title_zh_CN", f"来自探查结果 {name}")
    made.put("extends", list(dict.fromkeys((releases[0].name, release.name))))
    made.put("node", _word(facts.node))
    rows = as_rows(facts)
    _versions(made, facts)
    _boot(made, facts)
    _hardware(made, facts)
    _devices(made, facts, rows)
    _network(made, facts, rows)
    _storages(made, facts)
    _guests(made, facts)
    _files(made, facts)
    _sized_files(made, facts)
    made.table["pci"] = rows.rows
    made.assumed += rows.assumed
    return made


def _release(facts: Facts, releases: tuple[Release, ...]) -> Release:
    """The release of the known versions; where they leave a choice, one that brings no finding that was not there."""
    said = facts.versions
    pve, qemu, kernel = (Versions.parse(text)[:2] for text in (said.pve, said.qemu, said.kernel))
    before = _findings(facts)

    def distance(release: Release) -> tuple[int, int]:
        apart = sum(
            2 * bool(known and known != Versions.parse(own)[:2])
            for known, own in ((qemu, release.qemu), (pve, release.pve), (kernel, release.kernel))
        )
        versions = Versions(said.pve or release.pve, said.kernel or release.kernel, said.qemu or release.qemu)
        return len(before ^ _findings(replace(facts, versions=versions))), apart

    return min(releases, key=distance)


def _word(text: str | None) -> str:
    """What is one word on a host."""
    return next(iter((text or "").split()), "")


def _findings(facts: Facts) -> set[str]:
    return {finding.id for finding in judge(facts, Choices())} - ABOUT_GAPS


def _versions(made: Machine, facts: Facts) -> None:
    said = facts.versions
    made.put("pve.manager", said.pve)
    made.put("pve.release", ".".join(map(str, Versions.parse(said.pve)[:2])))
    if Versions.parse(said.qemu) >= OLDEST_QEMU and "-" in (said.qemu or ""):
        made.put("pve.qemu", said.qemu)
    made.put("pve.qemu_server", said.qemu_server)
    made.put("kernel.release", _word(said.kernel))
    made.put("kernel.installed", [*reversed(facts.platform.kernels)] or ([_word(said.kernel)] if said.kernel else []))
    microcode = facts.platform.microcode_package
    if "packages" in facts.sections:
        made.put("packages", {"intel-microcode": microcode} if microcode else {})
    else:
        made.put("packages", {"intel-microcode": MICROCODE})
        made.assumed.append(("packages.intel-microcode", MICROCODE))
    made.put("holds", sorted(facts.holds))
    made.put("dkms", list(facts.platform.dkms))


def _boot(made: Machine, facts: Facts) -> None:
    boot, running = facts.boot, facts.running_arguments
    made.known_or("boot.loader", boot.kind.value if boot.kind else None, Loader.GRUB.value)
    made.known_or("boot.efi", boot.efi, True)
    made.known_or("boot.secure_boot", boot.secure_boot, False)
    if running:
        made.put("boot.running", " ".join(running))
        roots = [word.removeprefix("root=") for word in running if word.startswith("root=")]
        made.put("boot.root", roots[0] if roots else None)
    if boot.kind is Loader.SYSTEMD_BOOT:
        made.put("boot.cmdline", " ".join(word for word in running if not word.startswith("initrd=")))
        if "esp-not-synced" in _findings(facts):
            made.table["boot"]["esp_list"] = False
    if facts.next_arguments is not None:
        made.table["boot"]["next"] = _after_root(facts.next_arguments)
    elif running:
        made.assume("boot.next", _after_root(running))
    gpu = igd.igpu(facts)
    if facts.initramfs_current is False:
        made.put("boot.initramfs", "old")
    elif facts.initramfs_current is None and gpu is not None and gpu.driver:
        # Why else would the host's driver still have what modprobe.d gives to vfio-pci?
        made.assume("boot.initramfs", "old")
    enabled = facts.iommu_enabled
    asked = any(word.startswith("intel_iommu=on") for word in running)
    made.known_or("kernel.iommu_default", None if enabled is None else enabled and not asked, not asked)
    offset = int(facts.clock - facts.taken_at) if facts.clock is not None and facts.taken_at else 0
    made.put("faults", {"clock_offset": offset} if abs(offset) > 60 else {})


def _after_root(words: tuple[str, ...]) -> str:
    """What grub-mkconfig puts after `root=... ro`; for systemd-boot all but its initrd."""
    kept = [word for word in words if not word.startswith(("BOOT_IMAGE=", "initrd="))]
    if len(kept) > 1 and kept[0].startswith("root=") and kept[1] == "ro":
        kept = kept[2:]
    return " ".join(kept)


def _hardware(made: Machine, facts: Facts) -> None:
    cpu, platform = facts.cpu, facts.platform
    amd = facts.sections.get("iommu", "").startswith("ivhd")
    vendor = cpu.vendor if cpu.vendor in VENDORS else None
    made.known_or("hardware.vendor", vendor, VENDORS[amd])
    made.known_or("hardware.cpu", cpu.model, "Practice CPU")
    made.known_or("hardware.threads", cpu.threads, 4)
    memory = facts.memory_bytes
    made.known_or("hardware.memory_mib", None if memory is None else memory / (1 << 20), 16000)
    made.table["hardware"]["vtx"] = cpu.has_vmx is not False or cpu.vendor != "GenuineIntel"
    made.known_or("hardware.vtd", facts.has_dmar or facts.iommu_enabled or facts.has_dmar, True)
    bits = re.match(r"(\d+) bits physical", cpu.address_sizes or "")
    width = platform.iommu_width or (int(bits[1]) if bits else None)
    made.known_or("hardware.iommu_bits", width, 39)
    made.known_or("hardware.phys_bits", int(bits[1]) if bits else None, width or 39)
    made.put("hardware.microcode", platform.microcode)
    made.put("hardware.connectors", dict(platform.connectors or {}))
    lines = [_TIME.sub("", line).strip() for line in facts.sections.get("dmesg", "").splitlines()]
    made.put("kernel.messages", [line for line in lines if line and not _OWN_MESSAGE.search(line)])
    made.put("kernel.dma_faults", platform.faults or None)


def _devices(made: Machine, facts: Facts, rows: Devices) -> None:
    """What is said of single devices, beside their rows."""
    there = {row[0] for row in rows.rows}
    platform, virtual = facts.platform, facts.platform.virtualised
    if any(device.driver for device in facts.pci):
        made.put("kernel.drivers", {device.address: device.driver or "" for device in facts.pci})
    made.put("hardware.primary", next((device.address for device in facts.pci if device.boot_vga), None))
    made.put("hardware.reset_methods", {item.address: item.reset_method for item in facts.pci if item.reset_method})
    made.put("hardware.keyboard", next((item for item in platform.keyboard_devices if item in there), None))
    disks = _disk_names([address for address in platform.disk_devices if address in there], facts)
    made.put("hardware.disks", disks)
    made.put("boot.disks", [name for name, address in disks.items() if address in platform.boot_devices])
    mediated = {item: [GVT_TYPE] for item in virtual.mediating if item in there}
    made.put("hardware.mediated", mediated)
    made.assumed += [(f"hardware.mediated {item}", GVT_TYPE) for item in mediated]
    counts = dict(virtual.enabled or {})
    gpu = igd.igpu(facts)
    if gpu is not None and gpu.address not in counts:
        slot = gpu.address.rpartition(".")[0]
        beside = sum(item.address.startswith(slot) and item.device == gpu.device for item in facts.pci) - 1
        counts |= {gpu.address: beside} if beside > 0 else {}
    made.put("hardware.virtual_functions", {item: count for item, count in counts.items() if item in there})
    _rom(made, rows)


def _rom(made: Machine, rows: Devices) -> None:
    """The practice ROM says what a known driver for the chip says."""
    chips = [row[3] for row in rows.rows if row[2] in igd.GRAPHICS_CLASSES and row[3].startswith(igd.INTEL)]
    device = chips[0].partition(":")[2] if chips else devices.NEUTRAL_CHIP
    version, family = devices.driver_of(device) or ("21.0.1056", [device])
    made.put("rom.name", "practice.rom")
    made.put("rom.device", int(device, 16))
    made.put("rom.gop", version)
    made.put("rom.family", [int(chip, 16) for chip in family])


def _disk_names(addresses: list[str], facts: Facts) -> dict[str, str]:
    """nvme0n1 and so on for NVMe controllers, sda and so on for others."""
    kinds = {device.address: device.class_code for device in facts.pci}
    nvme = [address for address in addresses if kinds[address] == "0108"]
    other = [address for address in addresses if kinds[address] != "0108"]
    names = {f"nvme{number}n1": address for number, address in enumerate(nvme)}
    return names | {f"sd{chr(97 + number)}": address for number, address in enumerate(other)}


def _network(made: Machine, facts: Facts, rows: Devices) -> None:
    """The bridge that we came by, its port, and the other bridges."""
    network = facts.network
    ports: dict[str, list[str]] = {bridge: [] for bridge in network.bridges}
    for line in facts.sections.get("links", "").splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "port":
            ports.setdefault(words[1], []).append(words[2])
    bridge = network.management_interface if network.management_interface in ports else next(iter(ports), None)
    mine = ports.pop(bridge, []) if bridge else []
    made.put("network.bridge", bridge)
    cards = [rows.interfaces[address] for address in sorted(rows.interfaces)]
    made.known_or("network.port", mine[0] if mine else None, cards[0] if cards else "enp1s0")
    made.put("network.others", ports)


def _storages(made: Machine, facts: Facts) -> None:
    """Sizes in GiB; what a type needs beside them is in storage.cfg."""
    options = _storage_options(facts.file_text("/etc/pve/storage.cfg") or "")
    found = []
    for storage in facts.storages:
        own = options.get(storage.name, {})
        total, free = storage.total or 100 << 30, storage.available if storage.total else 100 << 30
        row: dict[str, Any] = {"name": storage.name, "type": storage.type, "content": ",".join(sorted(storage.content))}
        row |= {key: own[key] for key in ("thinpool", "vgname", "pool") if key in own}
        row |= {"path": storage.path} if storage.path else {}
        row |= {"total_gib": total / (1 << 30), "used_gib": (total - (free or 0)) / (1 << 30)}
        row |= {} if storage.active else {"broken": True}
        if storage.total is None:
            made.assumed.append((f"storage {storage.name}", "total_gib = 100, used_gib = 0"))
        found.append(row)
    made.put("storage", found)


def _storage_options(config: str) -> dict[str, dict[str, str]]:
    """Storage -> what storage.cfg says of it."""
    found: dict[str, dict[str, str]] = {}
    mine: dict[str, str] = {}
    for line in config.splitlines():
        words = line.split(maxsplit=1)
        if len(words) == 2 and line[0].isspace():
            mine[words[0]] = words[1]
        elif len(words) == 2:
            mine = found.setdefault(words[1], {})
    return found


def _guests(made: Machine, facts: Facts) -> None:
    mine = [vm for vm in facts.vms if 100 <= vm.vmid < MOST_VMID]
    made.put("vms", {str(vm.vmid): vm.text for vm in mine})
    made.put("running_vms", [vm.vmid for vm in mine if vm.running])
    made.put("outdated_vms", list(facts.platform.outdated_vms))
    lines: dict[str, list[str]] = {}
    for ctid, line in re.findall(r"^\S*/(\d+)\.conf:(.*)$", facts.sections.get("containers", ""), re.MULTILINE):
        if 100 <= int(ctid) < MOST_VMID:
            lines.setdefault(ctid, []).append(line)
    made.put("containers", {ctid: "\n".join(text) + "\n" for ctid, text in lines.items()})
    if facts.platform.clustered:
        made.put("cluster", {"name": "cluster", "nodes": 3, "quorate": facts.platform.quorate is not False})
        made.assumed.append(("cluster.nodes", "3"))


def _files(made: Machine, facts: Facts) -> None:
    """All files that were read; what a host cannot lack is assumed to say what runs."""
    read = {path: file.text for path, file in facts.files.items() if re.fullmatch(r"(/[^/]+)+", path)}
    texts = {path: text for path, text in read.items() if text is not None and path not in BY_OTHER_KEYS}
    if GRUB not in texts:
        running = _after_root(facts.running_arguments)
        texts |= {GRUB: GRUB_TEXT.format(running)} if running and facts.boot.kind is not Loader.SYSTEMD_BOOT else {}
        made.assumed.append((GRUB, f'{grub.NAME}="{running}"' if GRUB in texts else "as installed"))
    made.put("files", texts)


def _sized_files(made: Machine, facts: Facts) -> None:
    """ISOs and ROMs: their sizes are known, their content is not."""
    sized = {iso.path: iso.size for iso in facts.isos} | {f"{ROMS}{rom.name}": rom.size for rom in facts.roms}
    if "roms" not in facts.sections:
        named = {entry.options.get("romfile") for vm in facts.vms for entry in entries(vm)}
        sized |= {f"{ROMS}{name}": ROM_SIZE for name in named if name}
    made.put("sized_files", sized)
    made.assumed += [(path, f"{size} zeros") for path, size in sized.items()]
