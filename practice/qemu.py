"""What `kvm` of a version does with the assigned graphics chip (facts: pve.md 1.4, 1.5; windows-and-rom.md B.3)."""

from __future__ import annotations

import itertools
import shlex
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from practice import vfio

if TYPE_CHECKING:
    from practice.machine import Machine

VGA_CLASS = "0300"
ROM_FOLDER = "/usr/share/kvm/"


class QemuRefused(Exception):
    """kvm exits with status 1; `lines` are its own words."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[0])
        self.lines = lines


@dataclass
class QemuStart:
    """A VM that runs: what QEMU printed, and how the chip was handed over."""

    lines: list[str] = field(default_factory=list)
    has_igpu: bool = False
    has_audio: bool = False
    legacy: bool = False
    lpc: bool = False
    opregion: bool = False
    stolen_memory: bool = False
    rom_fits: bool = False

    @property
    def driver_works(self) -> bool:
        """Windows' driver needs the OpRegion and stolen memory, else Code 43."""
        return self.opregion and self.stolen_memory and (self.legacy or self.lpc)

    @property
    def picture(self) -> bool:
        return self.driver_works and self.rom_fits


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "data" / "qemu.toml").read_text(encoding="utf-8"))


def numbers(version: str) -> tuple[int, ...]:
    """(9, 0, 0) for "9.0.0-3"."""
    return tuple(int(part) for part in version.split("-")[0].split("+")[0].split(".") if part.isdigit())


def behaviour(version: str) -> dict[str, Any]:
    """The row of a QEMU version."""
    wanted = numbers(version)
    for row in _data()["igd"]:
        if numbers(row["from"]) <= wanted and (not row["to"] or wanted < numbers(row["to"])):
            return dict(row)
    raise ValueError(version)


def version_text(package: str) -> str:
    upstream = package.split("-")[0]
    return f"QEMU emulator version {upstream} (pve-qemu-kvm_{package})\n"


def properties_text(package: str) -> str:
    """`kvm -device vfio-pci,help`, as far as the guide looks."""
    kinds = {"x-igd-gms": "uint32", "x-igd-legacy-mode": "OnOffAuto"}
    names = ["addr", "host", "multifunction", "rombar", "romfile", *behaviour(package)["properties"]]
    lines = [
        f"  {name}=<{kinds.get(name, 'str' if name in ('host', 'romfile', 'addr') else 'bool')}>"
        for name in sorted(names)
    ]
    return "vfio-pci options:\n" + "".join(f"{line}\n" for line in lines)


def launch(machine: Machine, command: list[str]) -> QemuStart:
    """Run a kvm command line. Raises `QemuRefused` where kvm would exit."""
    devices, sets = _devices(command), _sets(command)
    _apply_sets(devices, sets, behaviour(machine.scenario.get("pve.qemu"))["properties"])
    start = QemuStart()
    for options in devices.values():
        if options.get("driver") == "vfio-pci":
            _assign(machine, options, command, start)
    return start


def _devices(command: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for word, value in itertools.pairwise(command):
        if word == "-device":
            driver, *pairs = value.split(",")
            options = dict(pair.partition("=")[::2] for pair in pairs)
            found[options.get("id", f"#{len(found)}")] = {"driver": driver, **options, "": value}
    return found


def _sets(command: list[str]) -> list[str]:
    return [value for word, value in itertools.pairwise(command) if word == "-set"]


def _apply_sets(devices: dict[str, dict[str, str]], sets: list[str], properties: list[str]) -> None:
    known = {"addr", "bus", "host", "multifunction", "rombar", "romfile", *properties}
    for text in sets:
        name, sign, value = text.partition("=")
        parts = name.split(".")
        if not sign or len(parts) != 3:
            raise QemuRefused(f'kvm: -set {text}: can\'t parse: "{text}"')
        kind, identity, key = parts
        if kind != "device" or identity not in devices:
            raise QemuRefused(f'kvm: -set {text}: there is no {kind} "{identity}" defined')
        if devices[identity]["driver"] == "vfio-pci" and key not in known:
            raise QemuRefused(f"kvm: -device {devices[identity]['']}: Property 'vfio-pci.{key}' not found")
        devices[identity][key] = value


def _assign(machine: Machine, options: dict[str, str], command: list[str], start: QemuStart) -> None:
    address, shown = options["host"], options[""]
    if address not in machine.kernel.groups:
        raise QemuRefused(f"kvm: -device {shown}: vfio {address}: no iommu_group found: No such file or directory")
    group = machine.kernel.groups[address]
    if not machine.kernel.vfio_nodes:
        node = f"/dev/vfio/{group}"
        raise QemuRefused(f"kvm: -device {shown}: vfio {address}: failed to open {node}: No such file or directory")
    if not vfio.viable(machine, group):
        raise QemuRefused(
            f"kvm: -device {shown}: vfio {address}: group {group} is not viable",
            "Please ensure all devices within the iommu_group are bound to their vfio bus driver.",
        )
    rom = _rom(machine, options)
    function = next(item for item in machine.pci if item.address == address)
    if function.class_code.startswith("03"):
        start.has_igpu = True
        _graphics(machine, function.device, options, rom, command, start)
        if function.class_code != VGA_CLASS:
            # igd.c looks at VGA controllers only: no legacy mode, no LPC bridge ids (facts: pve.md 1.5).
            start.legacy = start.lpc = False
    elif function.class_code.startswith("04"):
        start.has_audio = True
        start.lines.append(f"kvm: vfio: Cannot reset device {address}, no available reset mechanism.")


def _rom(machine: Machine, options: dict[str, str]) -> bytes | None:
    path = options.get("romfile", "")
    if not path:
        return None
    if not machine.fs.exists(path):
        raise QemuRefused(f'kvm: -device {options[""]}: failed to find romfile "{path}"')
    data = machine.fs.read(path)
    if not data:
        raise QemuRefused(f'kvm: -device {options[""]}: romfile "{path}" is empty')
    return data


def _graphics(
    machine: Machine, device: str, options: dict[str, str], rom: bytes | None, command: list[str], start: QemuStart
) -> None:
    rules = behaviour(machine.scenario.get("pve.qemu"))
    at_02 = options.get("addr", "").removeprefix("0x").lstrip("0") in ("2", "2.0")
    i440fx = not any("q35" in word for word in command)
    address = options["host"]
    if machine.kernel.framebuffer.startswith("simple"):
        start.lines.append(f"kvm: Failed to mmap {address} BAR 2. Performance may be slow")
    if at_02 and i440fx:
        _legacy(rules, device, address, rom, start)
    start.lpc = options.get("x-igd-lpc") == "on" and at_02 and i440fx
    if rules["opregion"] == "always":
        start.lines.append(f"kvm: info: OpRegion detected on Intel display {device}.")
    wanted = options.get("x-igd-opregion") == "on" or rules["opregion"] == "always"
    start.opregion = wanted or start.legacy
    start.stolen_memory = rules["gms"] == "host" or int(options.get("x-igd-gms", "0"), 0) > 0
    start.rom_fits = rom is not None and _rom_fits(rom, device, rules["rom_era"])


def _legacy(rules: dict[str, Any], device: str, address: str, rom: bytes | None, start: QemuStart) -> None:
    known = (
        rules["legacy"] == "any"
        or device[:2] in _data()["listed" if rules["legacy"] == "listed" else "old"]["prefixes"]
    )
    if rom is None:
        start.lines.append(f"kvm: IGD device {address} has no ROM, legacy mode disabled")
    elif known:
        start.legacy = True
    elif rules["legacy"] == "listed":
        start.lines.append(f"kvm: IGD device {address} is unsupported in legacy mode, try SandyBridge or newer")


def _rom_fits(rom: bytes, device: str, era: str) -> bool:
    """What a practice ROM says of itself: helper era and chip ids (facts: windows-and-rom.md B.2)."""
    has = "A" if b"SetupVmBDSM" in rom else "B" if b"etc/igd-opregion" in rom else ""
    return rom[:2] == b"\x55\xaa" and has == era and bytes.fromhex(device)[::-1] in rom


def command_words(text: str) -> list[str]:
    """`args` of a VM as qemu-server splits them (Text::ParseWords::shellwords)."""
    return shlex.split(text)
