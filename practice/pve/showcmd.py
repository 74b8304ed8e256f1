"""The kvm command line of a VM, and the checks that qemu-server makes for it (facts: pve.md 1.2, 1.3)."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from practice.pve.errors import died
from practice.pve.schema import properties
from practice.qemu import numbers

if TYPE_CHECKING:
    from practice.machine import Machine
    from practice.pve.storage import Storages

SLOTS = ("0x10", "0x11", "0x1b", "0x1c")
WINDOWS = ("wxp", "w2k", "w2k3", "w2k8", "wvista", "win7", "win8", "win10", "win11")
HYPERV = (
    "host,hv_ipi,hv_relaxed,hv_reset,hv_runtime,hv_spinlocks=0x1fff,hv_stimer,hv_synic,hv_time,hv_vapic,"
    "hv_vpindex,+kvm_pv_eoi,+kvm_pv_unhalt"
)


def command_line(machine: Machine, storages: Storages, vmid: int, config: dict[str, str]) -> list[str]:
    """Raises PVE's own refusals; nothing is started."""
    devices = _host_devices(machine, config)
    legacy = any("legacy-igd" in device for device in devices.values())
    command = [
        "/usr/bin/kvm",
        "-id",
        str(vmid),
        "-name",
        f"{config.get('name', f'vm{vmid}')},debug-threads=on",
        "-no-shutdown",
    ]
    command += ["-pidfile", f"/var/run/qemu-server/{vmid}.pid", "-daemonize"]
    command += ["-smbios", f"type=1,{config.get('smbios1', '')}"]
    command += _firmware(storages, config)
    cores, sockets = int(config.get("cores", "1")), int(config.get("sockets", "1"))
    command += ["-smp", f"{cores * sockets},sockets={sockets},cores={cores},maxcpus={cores * sockets}", "-nodefaults"]
    command += ["-boot", "menu=on,strict=on,reboot-timeout=1000,splash=/usr/share/qemu-server/bootsplash.jpg"]
    vga = config.get("vga", "std")
    command += (
        ["-vga", "none", "-nographic"]
        if vga == "none"
        else ["-vnc", f"unix:/var/run/qemu-server/{vmid}.vnc,password=on"]
    )
    windows = config.get("ostype") in WINDOWS
    cpu = config.get("cpu", "kvm64")
    command += ["-cpu", HYPERV if cpu == "host" and windows else cpu, "-m", config.get("memory", "512")]
    command += ["-device", "pci-bridge,id=pci.1,chassis_nr=1,bus=pci.0,addr=0x1e"]
    place = "bus=pci.1,addr=0x1e" if legacy else "bus=pci.0,addr=0x1f"
    command += ["-device", f"pci-bridge,id=pci.2,chassis_nr=2,{place}"]
    command += ["-device", f"vmgenid,guid={config.get('vmgenid', '')}"]
    command += [
        "-device",
        "piix3-usb-uhci,id=uhci,bus=pci.0,addr=0x1.0x2",
        "-device",
        "usb-tablet,id=tablet,bus=uhci.0,port=1",
    ]
    for device in devices.values():
        command += ["-device", device["line"]]
    if vga != "none":
        command += ["-device", "VGA,id=vga,bus=pci.0,addr=0x2"]
    command += _agent(vmid, config) + _disks(storages, config) + _network(machine, vmid, config)
    command += ["-rtc", "driftfix=slew,base=localtime"] if windows else []
    command += ["-machine", f"{'hpet=off,' if windows else ''}type={_machine_type(machine, config)}"]
    return command + shlex.split(config.get("args", ""))


def pretty(command: list[str]) -> str:
    """`qm showcmd --pretty`"""
    lines, words = [command[0]], command[1:]
    while words:
        option = words.pop(0)
        takes = words and not words[0].startswith("-")
        lines.append(f"  {option} {_quoted(words.pop(0))}" if takes else f"  {option}")
    return " \\\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[a-zA-Z0-9/._:-]+", text) else "'" + text.replace("'", "'\\''") + "'"


def _machine_type(machine: Machine, config: dict[str, str]) -> str:
    wanted = config.get("machine", "pc-i440fx-5.1")
    version = re.search(r"(\d+\.\d+)", wanted)
    have = machine.scenario.get("pve.qemu")
    if version and numbers(version[1]) > numbers(have):
        raise died(
            f"Installed QEMU version '{have.split('-')[0]}' is too old to run machine type '{wanted}', "
            f"please upgrade node '{machine.node}'"
        )
    return f"{wanted}+pve0" if version and "+pve" not in wanted else wanted


def _host_devices(machine: Machine, config: dict[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    used: set[str] = set()
    for number in range(16):
        value = config.get(f"hostpci{number}")
        if value is None:
            continue
        options = properties(value, "host")
        if "mapping" in options:
            raise died(f"practice host: not supported: mapped device of hostpci{number}")
        address = _full(options.get("host", ""))
        if not any(function.address.startswith(address) for function in machine.pci):
            raise died(f"no PCI device found for '{options.get('host', '')}'")
        if address in used:
            raise died(f"device '{address}' assigned more than once")
        used.add(address)
        _check_q35(config, options)
        found[f"hostpci{number}"] = _device(config, number, address, options)
    if sum("legacy-igd" in device for device in found.values()) > 1:
        raise died("only one device can be assigned in legacy-igd mode")
    return found


def _device(config: dict[str, str], number: int, address: str, options: dict[str, str]) -> dict[str, str]:
    legacy = options.get("legacy-igd") == "1"
    if legacy:
        _check_legacy(config, address, options)
    place = SLOTS[number] if number < len(SLOTS) else f"0x{number + 9:x}"
    bus = "pci.0" if number < len(SLOTS) else "pci.2"
    line = f"vfio-pci,host={address},id=hostpci{number},bus={bus},addr={'0x2' if legacy else place}"
    if options.get("rombar") == "0":
        line += ",rombar=0"
    if "romfile" in options:
        line += f",romfile=/usr/share/kvm/{options['romfile']}"
    return {"line": line, "host": address, **({"legacy-igd": "1"} if legacy else {})}


def _check_q35(config: dict[str, str], options: dict[str, str]) -> None:
    if options.get("pcie") == "1" and "q35" not in config.get("machine", ""):
        raise died("q35 machine model is not enabled at /usr/share/perl5/PVE/QemuServer/PCI.pm line 506.")


def _check_legacy(config: dict[str, str], address: str, options: dict[str, str]) -> None:
    """In qemu-server's order."""
    if config.get("vga") not in ("none", "type=none"):
        raise died("legacy IGD assignment requires VGA mode to be 'none'")
    if options.get("rombar") == "0":
        raise died("legacy IGD assignment requires rombar to be enabled")
    if options.get("x-vga") == "1":
        raise died("legacy IGD assignment is not compatible with x-vga")
    if "mdev" in options:
        raise died("legacy IGD assignment is not compatible with mdev")
    if "q35" in config.get("machine", ""):
        raise died("legacy IGD assignment is not compatible with q35")
    if not address.endswith("02.0"):
        raise died("legacy IGD assignment only works for devices on host bus 00:02.0")


def _full(address: str) -> str:
    return address if address.count(":") == 2 else f"0000:{address}"


def _firmware(storages: Storages, config: dict[str, str]) -> list[str]:
    if config.get("bios") != "ovmf":
        return []
    code = "if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/pve-edk2-firmware//OVMF_CODE_4M.fd"
    volid = config.get("efidisk0", "").split(",")[0]
    path = storages.path(volid) if volid else f"/tmp/{config.get('name')}-ovmf.fd"
    return ["-drive", code, "-drive", f"if=pflash,unit=1,id=drive-efidisk0,format=raw,file={path},size=540672"]


def _agent(vmid: int, config: dict[str, str]) -> list[str]:
    if not config.get("agent", "").startswith(("1", "enabled=1")):
        return []
    socket = f"socket,path=/var/run/qemu-server/{vmid}.qga,server=on,wait=off,id=qga0"
    return [
        "-chardev",
        socket,
        "-device",
        "virtio-serial,id=qga0,bus=pci.0,addr=0x8",
        "-device",
        "virtserialport,chardev=qga0,name=org.qemu.guest_agent.0",
    ]


def _disks(storages: Storages, config: dict[str, str]) -> list[str]:
    found: list[str] = []
    for key in sorted(key for key in config if re.fullmatch(r"(ide|sata|scsi|virtio)\d+", key)):
        volid = config[key].split(",")[0]
        path = "" if volid in ("none", "cdrom") else storages.path(volid)
        kind = "media=cdrom" if "media=cdrom" in config[key] else "format=raw,cache=none"
        found += ["-drive", f"file={path},if=none,id=drive-{key},{kind},aio=io_uring"]
        found += ["-device", f"{'ide-cd' if 'cdrom' in kind else 'scsi-hd'},drive=drive-{key},id={key}"]
    return found


def scripts(version: tuple[int, ...]) -> str:
    """Where qemu-server has its network scripts (facts: pve-behaviour.md section 6)."""
    folder = "/usr/libexec/qemu-server" if version >= (8, 4) else "/var/lib/qemu-server"
    return f"script={folder}/pve-bridge,downscript={folder}/pve-bridgedown"


def _network(machine: Machine, vmid: int, config: dict[str, str]) -> list[str]:
    if "net0" not in config:
        return []
    mac = config["net0"].split(",")[0].partition("=")[2]
    version = numbers(machine.scenario.get("pve.qemu_server", "8.2.1"))
    tap = f"type=tap,id=net0,ifname=tap{vmid}i0,{scripts(version)}"
    return ["-netdev", tap, "-device", f"virtio-net-pci,mac={mac},netdev=net0,bus=pci.0,addr=0x12,id=net0"]
