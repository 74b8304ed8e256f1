"""The transcripts that need more than copying: PCI listings, groups, versions, configurations, messages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guide.bundle.group_forms import parse_groups
from guide.bundle.lspci_forms import groups_in, parse_any
from guide.facts.frame import framed
from guide.facts.lspci import ADDRESS, Listed, full_address
from guide.facts.numbers import number
from guide.facts.packages import parse_packages
from guide.facts.vms import vm_lines

_PVESH = re.compile(
    rf"^\W*0x([0-9a-f]{{6}})\W+0x([0-9a-f]{{4}})\W+({ADDRESS})\W+?(-?\d+)\W+0x([0-9a-f]{{4}})\W+(.*?)\s*[│|]"
)
_CPU_WORDS = {
    "model name": ("Model name", "型号名称"),
    "vendor_id": ("Vendor ID", "厂商 ID", "厂商ID"),
    "flags": ("Flags", "标记"),
    "address sizes": ("Address sizes", "地址大小"),
    "count": ("CPU(s)", "CPU"),
}
"""Words of /proc/cpuinfo -> those of lscpu, in English and Chinese."""

_PACKAGES = ("pve-manager", "pve-qemu-kvm", "qemu-server", "intel-microcode")
_GRAPHICS_SLOT = "0000:00:02.0"


@dataclass
class Gathered:
    """What the files of one folder gave so far."""

    plain: dict[str, str] = field(default_factory=dict)
    """Section -> text."""

    files: dict[str, str] = field(default_factory=dict)
    """Path on the host -> text."""

    devices: dict[str, Listed] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    def sections(self, word: str) -> dict[str, str]:
        """The sections as the survey script would have framed them."""
        found = dict(self.plain)
        if self.devices or self.groups:
            found["lspci"] = "\n".join(_as_lspci(device) for device in self.devices.values())
            found["pci"] = "\n".join(self._as_sysfs(address) for address in sorted({*self.devices, *self.groups}))
        vms = {path: text for path, text in self.files.items() if "/qemu-server/" in path}
        others = {path: text for path, text in self.files.items() if path not in vms}
        if vms:
            found["vms"] = vm_lines({int(path.rsplit("/", 1)[-1].removesuffix(".conf")): vms[path] for path in vms})
        if others:
            found["files"] = framed(others, word)
        return found

    def _as_sysfs(self, address: str) -> str:
        device = self.devices.get(address) or Listed(address, "", "", "", "")
        group = self.groups.get(address)
        ids = f"0x{device.vendor or '-'} 0x{device.device or '-'} 0x{device.class_code or '-'}"
        return f"{address} {ids} {'-' if group is None else group} {device.driver or '-'} - -"


def take_lspci(stem: str, text: str, gathered: Gathered) -> None:
    """All forms of lspci; the first listing names a device, later ones add what it lacks."""
    for address, device in parse_any(text).items():
        _add(gathered, address, device)
    _add_groups(gathered, groups_in(text))


def take_groups(stem: str, text: str, gathered: Gathered) -> None:
    """All forms in which groups are listed."""
    found = parse_groups(text)
    for address, device in found.devices.items():
        _add(gathered, address, device)
    _add_groups(gathered, found.groups)


def take_hardware(stem: str, text: str, gathered: Gathered) -> None:
    """`pvesh get /nodes/NODE/hardware/pci`: its table, or its JSON."""
    for row in _json_rows(text):
        address = full_address(str(row.get("id", "")))
        kind, vendor, device = (str(row.get(key, "")).removeprefix("0x") for key in ("class", "vendor", "device"))
        if re.fullmatch(ADDRESS, address):
            name = f"{row.get('vendor_name', '')} {row.get('device_name', '')}".strip()
            _add(gathered, address, Listed(address, kind[:4], vendor, device, name))
            held = number(str(row.get("iommugroup", "")))
            _add_groups(gathered, {} if held is None else {address: held})
    for line in text.splitlines():
        match = _PVESH.match(line)
        if match:
            kind, device, address, group, vendor, name = match.groups()
            _add(gathered, full_address(address), Listed(full_address(address), kind[:4], vendor, device, name.strip()))
            if int(group) >= 0:
                _add_groups(gathered, {full_address(address): int(group)})


def take_versions(stem: str, text: str, gathered: Gathered) -> None:
    """`pveversion` with and without -v."""
    _add_packages(gathered, dict(re.findall(r"^([a-z0-9][\w.+-]*):\s*([0-9]\S*)", text, re.MULTILINE)))
    _add_packages(gathered, dict(re.findall(r"^(pve-manager)/(\d\S*?)/", text, re.MULTILINE)))
    running = re.search(r"running kernel: (\S+?)\)", text)
    if running:
        gathered.plain.setdefault("kernel", running[1])


def take_dpkg(stem: str, text: str, gathered: Gathered) -> None:
    """`dpkg -l`: `ii  pve-qemu-kvm  9.0.2-4  amd64 ...`; hi: held."""
    rows = re.findall(r"^([ih])i\s+(\S+)\s+(\S+)", text, re.MULTILINE)
    _add_packages(gathered, {name: version for _, name, version in rows})
    held = [name for state, name, _ in rows if state == "h"]
    gathered.plain["holds"] = "\n".join([*gathered.plain.get("holds", "").split(), *held])


def take_kvm_version(stem: str, text: str, gathered: Gathered) -> None:
    """`QEMU emulator version 9.0.2 (pve-qemu-kvm_9.0.2-4)`."""
    match = re.search(r"pve-qemu-kvm_(\d[^)\s]*)", text)
    _add_packages(gathered, {"pve-qemu-kvm": match[1]} if match else {})


def take_vm(stem: str, text: str, gathered: Gathered) -> None:
    """`qm config N` or N.conf; a file without a number gets the next free one."""
    wanted = re.search(r"(\d{3,9})(?:\.conf)?$", stem)
    taken = {path for path in gathered.files if "/qemu-server/" in path}
    vmid = int(wanted[1]) if wanted else next(n for n in range(100, 1000) if _conf(n) not in taken)
    gathered.files[_conf(vmid)] = text if text.endswith("\n") else f"{text}\n"


def take_messages(stem: str, text: str, gathered: Gathered) -> None:
    """The kernel's log, or what `qm start` printed."""
    section = "dmesg" if stem.startswith("dmesg") else "starts"
    gathered.plain[section] = "\n".join(part for part in (gathered.plain.get(section), text.strip("\n")) if part)
    if section == "dmesg":
        if re.search(r"DMAR: (Host address width|dmar\d|DRHD)", text):
            gathered.plain.setdefault("dmar", "yes")
        if re.search(r"DMAR: (IOMMU enabled|Intel\(R\) Virtualization)", text):
            gathered.plain.setdefault("iommu", "dmar0")
        added = re.findall(rf"({ADDRESS}): Adding to iommu group (\d{{1,6}})", text)
        _add_groups(gathered, {full_address(address): int(group) for address, group in added})
        faults = re.findall(r"DMAR: .*Request device \[00:02\.0\]", text)
        gathered.plain["faults"] = str(len(faults))


def take_cpu(stem: str, text: str, gathered: Gathered) -> None:
    """`lscpu`, also in Chinese, put into the words of /proc/cpuinfo."""
    lines = text.replace("：", ":").splitlines()
    rows = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    found = {new: next((rows[old] for old in names if old in rows), "") for new, names in _CPU_WORDS.items()}
    count = found.pop("count")
    gathered.plain.setdefault("cpu", "\n".join(f"{name}\t: {value}" for name, value in found.items() if value))
    gathered.plain.setdefault("cpus", count)


def take_modules(stem: str, text: str, gathered: Gathered) -> None:
    """The first column of `lsmod`."""
    names = [line.split()[0] for line in text.splitlines() if line.strip()]
    gathered.plain["lsmod"] = "\n".join(name for name in names if name != "Module")


def take_uname(stem: str, text: str, gathered: Gathered) -> None:
    """`uname -a`: the release is the third word."""
    words = text.split()
    if len(words) > 2:
        gathered.plain.setdefault("kernel", words[2])


def take_interfaces(stem: str, text: str, gathered: Gathered) -> None:
    """Bridges and their ports from /etc/network/interfaces."""
    bridge, lines = "", []
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["iface"] and len(words) > 1:
            bridge = words[1]
        elif words[:1] and words[0] in ("bridge-ports", "bridge_ports"):
            lines += [f"bridge {bridge}", *(f"port {bridge} {port}" for port in words[1:] if port != "none")]
    gathered.plain["links"] = "\n".join(lines)


def take_mediated(stem: str, text: str, gathered: Gathered) -> None:
    """Types of GVT-g: the graphics chip offers them."""
    if text.split():
        gathered.plain["virtual"] = f"mdev {_GRAPHICS_SLOT}"


def take_container(stem: str, text: str, gathered: Gathered) -> None:
    """`pct config N`, as the lines that grep would print."""
    ctid = re.search(r"(\d{3,9})$", stem)
    lines = [f"/etc/pve/lxc/{ctid[1] if ctid else 100}.conf:{line}" for line in text.splitlines() if line.strip()]
    gathered.plain["containers"] = "\n".join(part for part in (gathered.plain.get("containers"), *lines) if part)


def _conf(vmid: int) -> str:
    return f"/etc/pve/qemu-server/{vmid}.conf"


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _add_packages(gathered: Gathered, versions: Mapping[str, str]) -> None:
    """The first word counts, as everywhere here."""
    known = parse_packages(gathered.plain.get("packages", ""))
    merged = {**{name: versions[name] for name in _PACKAGES if name in versions}, **known}
    gathered.plain["packages"] = "\n".join(f"{name} {version}" for name, version in merged.items())


def _add_groups(gathered: Gathered, groups: Mapping[str, int]) -> None:
    """Groups exist only where the kernel has an IOMMU."""
    gathered.groups.update(groups)
    if groups:
        gathered.plain.setdefault("iommu", "dmar0")


def _add(gathered: Gathered, address: str, device: Listed) -> None:
    old = gathered.devices.get(address)
    if old is None:
        gathered.devices[address] = device
        return
    gathered.devices[address] = Listed(
        address,
        old.class_code or device.class_code,
        old.vendor or device.vendor,
        old.device or device.device,
        old.name or device.name,
        old.driver or device.driver,
        old.modules or device.modules,
    )


def _as_lspci(device: Listed) -> str:
    known = device.class_code and device.vendor and device.device
    kind, ids = (f"Device [{device.class_code}]", f" [{device.vendor}:{device.device}]") if known else ("Device", "")
    lines = [f"{device.address} {kind}: {device.name}{ids}"]
    if device.driver:
        lines.append(f"\tKernel driver in use: {device.driver}")
    if device.modules:
        lines.append(f"\tKernel modules: {', '.join(device.modules)}")
    return "\n".join(lines)
