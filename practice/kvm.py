"""The command line of `kvm`: devices, -set, slots.

Facts: pve.md 1.3, 1.4. "[7.2]": the words were tried with QEMU 7.2 itself.
"""

from __future__ import annotations

import itertools
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from practice.igd import behaviour

if TYPE_CHECKING:
    from practice.machine import Machine

ARGUMENTS = (
    "boot chardev cpu device drive global id iscsi m machine mon name netdev object pidfile rtc set smbios smp vga vnc"
)
"""Options with a value that qemu-server writes, and -set. Others that a person puts into `args` are refused."""

LONE = ("daemonize", "no-shutdown", "nodefaults", "nographic")
"""Options without a value."""

FIXED = {("pci.0", 0): "i440FX", ("pci.0", 8): "PIIX3", ("pci.0", 9): "piix3-ide", ("pci.0", 11): "PIIX4_PM"}
"""Slots of a `pc` machine that are taken from the beginning: bus and slot * 8 + function."""

COMMON = {
    "addr": "int32",
    "bootindex": "int32",
    "bus": "str",
    "display": "OnOffAuto",
    "host": "str",
    "id": "str",
    "multifunction": "bool",
    "rombar": "uint32",
    "romfile": "str",
    "sysfsdev": "str",
    "x-no-kvm-intx": "bool",
    "x-no-mmap": "bool",
    "x-pci-device-id": "uint32",
    "x-pci-sub-device-id": "uint32",
    "x-pci-sub-vendor-id": "uint32",
    "x-pci-vendor-id": "uint32",
    "x-req": "bool",
}
"""Properties of vfio-pci by type, as `kvm -device vfio-pci,help` lists them [7.2], as far as guides use them."""

IGD = {
    "x-igd-gms": "uint32",
    "x-igd-legacy-mode": "OnOffAuto",
    "x-igd-lpc": "bool",
    "x-igd-opregion": "bool",
    "x-vga": "bool",
}


class QemuRefused(Exception):
    """kvm exits with status 1; `lines` are its own words."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[0])
        self.lines = lines


@dataclass
class Device:
    """One -device. `text` is what the command line has, `options` what -set made of it."""

    text: str
    driver: str
    options: dict[str, str] = field(default_factory=dict)

    def refused(self, message: str, *more: str) -> QemuRefused:
        """kvm ends because of this device."""
        return QemuRefused(self.said(message), *more)

    def said(self, message: str) -> str:
        return f"kvm: -device {self.text}: {message}"


def version_text(package: str) -> str:
    upstream = package.split("-")[0]
    return f"QEMU emulator version {upstream} (pve-qemu-kvm_{package})\n"


def properties_text(package: str) -> str:
    """`kvm -device vfio-pci,help`, as far as the guide looks."""
    known = known_properties(package)
    return "vfio-pci options:\n" + "".join(
        f"  {name}=<{kind}>\n" for name, kind in sorted(known.items()) if name not in ("bus", "id")
    )


def known_properties(package: str) -> dict[str, str]:
    """Of vfio-pci in this version, with their types."""
    return {**COMMON, **{name: IGD[name] for name in behaviour(package)["properties"]}}


def command_words(text: str) -> list[str]:
    """`args` of a VM as qemu-server splits them (Text::ParseWords::shellwords); [] where a quote is left open."""
    try:
        return shlex.split(text)
    except ValueError:
        return []


def parse(machine: Machine, command: list[str]) -> list[Device]:
    """The devices in order, with every -set applied. Raises `QemuRefused`."""
    devices: list[Device] = []
    words = iter(command[1:])
    for word in words:
        name = word.removeprefix("-").removeprefix("-") if word.startswith("-") else ""
        if not name:
            raise QemuRefused(f"kvm: {word}: Could not open '{word}': No such file or directory")
        if name in LONE:
            continue
        if name not in ARGUMENTS.split():
            raise QemuRefused(f"practice host: not supported: kvm -{name}")
        value = next(words, None)
        if value is None:
            raise QemuRefused(f"kvm: -{name}: requires an argument")
        if name == "device":
            devices.append(_device(value, devices))
        elif name == "set":
            _set(value, devices)
    for device in devices:
        if device.driver == "vfio-pci":
            _check(device, known_properties(machine.scenario.get("pve.qemu")))
    return devices


def _device(text: str, before: list[Device]) -> Device:
    driver, *pairs = text.split(",")
    device = Device(text, driver, dict(pair.partition("=")[::2] for pair in pairs))
    name = device.options.get("id")
    if name and any(other.options.get("id") == name for other in before):
        raise device.refused(f"Duplicate ID '{name}' for device")
    return device


def _set(text: str, devices: list[Device]) -> None:
    """GROUP.ID.PROPERTY=VALUE; the id ends at the first dot, so that hostpci0.0 can never be named."""
    match = re.fullmatch(r"([^.]{1,63})\.([^.]{1,63})\.([^=]{1,63})=(.*)", text, re.DOTALL)
    if match is None:
        raise QemuRefused(f'kvm: -set {text}: can\'t parse: "{text}"')
    group, name, key, value = match.groups()
    if group not in ARGUMENTS.split():
        raise QemuRefused(f"kvm: -set {text}: There is no option group '{group}'")
    found = next((device for device in devices if group == "device" and device.options.get("id") == name), None)
    if found is None:
        raise QemuRefused(f'kvm: -set {text}: there is no {group} "{name}" defined')
    found.options[key] = value


def _check(device: Device, known: dict[str, str]) -> None:
    """Names and values of the properties, in QEMU's words [7.2]."""
    for name, value in device.options.items():
        kind = known.get(name)
        if kind is None:
            raise device.refused(f"Property 'vfio-pci.{name}' not found")
        if name == "addr" and place(value) is None:
            raise device.refused(f"Property 'vfio-pci.addr' doesn't take value '{value}'")
        if kind == "bool" and value not in ("on", "off", "yes", "no", "true", "false", "y", "n"):
            raise device.refused(f"Parameter '{name}' expects 'on' or 'off'")
        if kind == "OnOffAuto" and value not in ("on", "off", "auto"):
            raise device.refused(f"Parameter '{name}' does not accept value '{value}'")
        if kind == "uint32":
            number = _number(value)
            if number is None:
                raise device.refused(f"Parameter '{name}' expects integer")
            if not 0 <= number < 1 << 32:
                raise device.refused(f"Parameter '{name}' expects uint32_t")


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None


def place(text: str) -> int | None:
    """Slot * 8 + function of an `addr` such as 02.0, 0x2 or 0x1.0x2; None where QEMU would not take it."""
    match = re.fullmatch(r"(?:0x)?([0-9a-fA-F]{1,2})(?:\.(?:0x)?([0-7]))?", text)
    if match is None or int(match[1], 16) > 31:
        return None
    return int(match[1], 16) * 8 + int(match[2] or "0")


class Slots:
    """Which slots of the guest's buses are taken, in the order of the command line."""

    def __init__(self, command: list[str]) -> None:
        self.q35 = any(
            "q35" in value for word, value in itertools.pairwise(command) if word in ("-machine", "-M", "--machine")
        )
        self._taken: dict[tuple[str, int], str] = {} if self.q35 else dict(FIXED)
        self._buses = {"pci.0", "pcie.0"}

    def plug(self, device: Device) -> None:
        """Raises `QemuRefused` where something else is there."""
        bus, where = device.options.get("bus", ""), place(device.options.get("addr", ""))
        name = device.options.get("id", "")
        if device.driver == "pci-bridge":
            self._buses.add(name)
        if not bus:
            bus = "pcie.0" if self.q35 else "pci.0"
        elif bus.startswith("pci.") and bus not in self._buses:
            raise device.refused(f"Bus '{bus}' not found")
        if where is None or not bus.startswith("pci"):
            return
        other = self._taken.get((bus, where))
        if other is not None:
            what = f"PCI: slot {where // 8} function {where % 8} not available for {device.driver}"
            raise device.refused(f"{what}, in use by {other}")
        self._taken[bus, where] = f"{device.driver},id={name}"

    def take(self, bus: str, where: int, what: str) -> None:
        self._taken[bus, where] = what

    def at(self, bus: str, where: int) -> bool:
        return (bus, where) in self._taken
