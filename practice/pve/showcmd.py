"""The kvm command line of a VM, and the checks that qemu-server makes for it (facts: pve.md 1.2, 1.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from practice.igd import numbers
from practice.kvm import command_words
from practice.pve import hostpci
from practice.pve.errors import died
from practice.pve.schema import properties

if TYPE_CHECKING:
    from practice.machine import Machine
    from practice.pve.storage import Storages

RUN = "/var/run/qemu-server"
WINDOWS = ("wxp", "w2k", "w2k3", "w2k8", "wvista", "win7", "win8", "win10", "win11")
HYPERV = (
    "host,hv_ipi,hv_relaxed,hv_reset,hv_runtime,hv_spinlocks=0x1fff,hv_stimer,hv_synic,hv_time,hv_vapic,"
    "hv_vpindex,+kvm_pv_eoi,+kvm_pv_unhalt"
)


def command_line(machine: Machine, storages: Storages, vmid: int, config: dict[str, str]) -> list[str]:
    """Raises PVE's own refusals; nothing is started."""
    devices, legacy = hostpci.devices(machine, config)
    version = numbers(machine.scenario.get("pve.qemu_server", "8.2.1"))
    windows = config.get("ostype") in WINDOWS
    command = _head(version, vmid, config) + _firmware(storages, config)
    cores, sockets = int(config.get("cores", "1")), int(config.get("sockets", "1"))
    command += ["-smp", f"{cores * sockets},sockets={sockets},cores={cores},maxcpus={cores * sockets}", "-nodefaults"]
    command += ["-boot", "menu=on,strict=on,reboot-timeout=1000,splash=/usr/share/qemu-server/bootsplash.jpg"]
    dark = config.get("vga", "std") == "none"
    command += ["-vga", "none", "-nographic"] if dark else ["-vnc", f"unix:{RUN}/{vmid}.vnc,password=on"]
    cpu = config.get("cpu", "kvm64")
    command += ["-cpu", HYPERV if cpu == "host" and windows else cpu, "-m", config.get("memory", "512")]
    single = _single(config)
    command += ["-object", "iothread,id=iothread-virtioscsi0"] if single and "iothread=1" in config["scsi0"] else []
    bridges = ["pci.1,chassis_nr=1,bus=pci.0,addr=0x1e"]
    bridges.append(f"pci.2,chassis_nr=2,{'bus=pci.1,addr=0x1e' if legacy else 'bus=pci.0,addr=0x1f'}")
    bridges += ["pci.3,chassis_nr=3,bus=pci.0,addr=0x5"] if single else []
    lines = [f"pci-bridge,id={bridge}" for bridge in bridges]
    lines += [f"vmgenid,guid={config['vmgenid']}"] if "vmgenid" in config else []
    lines += ["piix3-usb-uhci,id=uhci,bus=pci.0,addr=0x1.0x2", "usb-tablet,id=tablet,bus=uhci.0,port=1"]
    lines += devices
    lines += [] if dark else ["VGA,id=vga,bus=pci.0,addr=0x2"]
    for line in lines:
        command += ["-device", line]
    command += _agent(vmid, config) + _disks(storages, config) + _network(version, vmid, config)
    command += ["-rtc", "driftfix=slew,base=localtime"] if windows else []
    command += ["-machine", _machine_options(machine, config, windows, dark)]
    command += ["-global", "kvm-pit.lost_tick_policy=discard"] if windows else []
    return command + command_words(config.get("args", ""))


def _head(version: tuple[int, ...], vmid: int, config: dict[str, str]) -> list[str]:
    """Until the SMBIOS line; 8.4 and 9 spell two options differently (facts: pve-behaviour.md section 6)."""
    threads = ",debug-threads=on" if version < (9,) else ""
    reconnect = "reconnect=5" if version < (8, 4) else "reconnect-ms=5000"
    command = ["/usr/bin/kvm", "-id", str(vmid), "-name", f"{config.get('name', f'vm{vmid}')}{threads}", "-no-shutdown"]
    command += ["-chardev", f"socket,id=qmp,path={RUN}/{vmid}.qmp,server=on,wait=off"]
    command += ["-mon", "chardev=qmp,mode=control"]
    command += ["-chardev", f"socket,id=qmp-event,path=/var/run/qmeventd.sock,{reconnect}"]
    command += ["-mon", "chardev=qmp-event,mode=control", "-pidfile", f"{RUN}/{vmid}.pid", "-daemonize"]
    return command + (["-smbios", f"type=1,{config['smbios1']}"] if "smbios1" in config else [])


def _single(config: dict[str, str]) -> bool:
    """Whether scsi0 has a controller of its own."""
    return config.get("scsihw") == "virtio-scsi-single" and "scsi0" in config


def _machine_options(machine: Machine, config: dict[str, str], windows: bool, dark: bool) -> str:
    options = ["hpet=off"] if windows else []
    # SeaBIOS without a display must not use SMM (facts: pve.md 1.3).
    options += ["smm=off"] if dark and config.get("bios", "seabios") == "seabios" else []
    return ",".join([*options, f"type={_machine_type(machine, config)}"])


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
    """IDE drives, the controller, then the others; `bootindex` by the place in the boot order, from 100 on."""
    order = properties(config.get("boot", ""), "legacy").get("order", "").split(";")
    index = {key: f",bootindex={100 + place}" for place, key in enumerate(order)}
    found: list[str] = []
    for key in sorted((key for key in config if DRIVE.fullmatch(key)), key=_rank):
        options = properties(config[key], "file")
        path = "" if options["file"] in ("none", "cdrom") else storages.path(options["file"])
        if key == "scsi0":
            single = _single(config)
            thread = ",iothread=iothread-virtioscsi0" if single and options.get("iothread") == "1" else ""
            controller = "virtioscsi0,bus=pci.3,addr=0x1" if single else "scsihw0,bus=pci.0,addr=0x5"
            found += ["-device", f"virtio-scsi-pci,id={controller}{thread}"]
        found += ["-drive", _drive(key, path, options)]
        found += ["-device", _drive_device(config, key, options) + index.get(key, "")]
    return found


DRIVE = re.compile(r"(ide|sata|scsi|virtio)(\d+)")


def _place(key: str) -> tuple[str, int]:
    """("scsi", 0) for scsi0."""
    kind = key.rstrip("0123456789")
    return kind, int(key[len(kind) :])


def _rank(key: str) -> tuple[int, int]:
    kind, number = _place(key)
    return ("ide", "scsi", "virtio", "sata").index(kind), number


def _drive(key: str, path: str, options: dict[str, str]) -> str:
    parts = [f"file={path}", "if=none", f"id=drive-{key}"]
    if options.get("media") == "cdrom":
        return ",".join([*parts, "media=cdrom", "aio=io_uring" if path else ""]).rstrip(",")
    parts += [f"{name}={options[name]}" for name in ("cache", "discard") if name in options]
    parts += ["format=raw", "cache=none"] if "cache" not in options else ["format=raw"]
    zeroes = "unmap" if options.get("discard") == "on" else "on"
    return ",".join([*parts, "aio=io_uring", f"detect-zeroes={zeroes}"])


def _drive_device(config: dict[str, str], key: str, options: dict[str, str]) -> str:
    kind, number = _place(key)
    ssd = ",rotation_rate=1" if options.get("ssd") == "1" else ""
    if kind == "ide":
        model = "ide-cd" if options.get("media") == "cdrom" else "ide-hd"
        return f"{model},bus=ide.{number // 2},unit={number % 2},drive=drive-{key},id={key}{ssd}"
    if kind == "scsi":
        bus = f"virtioscsi{number}.0,channel=0,scsi-id=0,lun=0" if _single(config) else "scsihw0.0,scsi-id=0"
        model = "scsi-cd" if options.get("media") == "cdrom" else "scsi-hd"
        return f"{model},bus={bus},drive=drive-{key},id={key}{ssd}"
    return f"{kind}-hd,drive=drive-{key},id={key}{ssd}"


def scripts(version: tuple[int, ...]) -> str:
    """Where qemu-server has its network scripts (facts: pve-behaviour.md section 6)."""
    folder = "/usr/libexec/qemu-server" if version >= (8, 4) else "/var/lib/qemu-server"
    return f"script={folder}/pve-bridge,downscript={folder}/pve-bridgedown"


def _network(version: tuple[int, ...], vmid: int, config: dict[str, str]) -> list[str]:
    if "net0" not in config:
        return []
    model, _, mac = config["net0"].split(",")[0].partition("=")
    order = properties(config.get("boot", ""), "legacy").get("order", "").split(";")
    boot = f",bootindex={100 + order.index('net0')}" if "net0" in order else ""
    queues = ",rx_queue_size=1024,tx_queue_size=256" if model == "virtio" else ""
    device = "virtio-net-pci" if model == "virtio" else model
    tap = f"type=tap,id=net0,ifname=tap{vmid}i0,{scripts(version)}"
    return ["-netdev", tap, "-device", f"{device},mac={mac},netdev=net0,bus=pci.0,addr=0x12,id=net0{queues}{boot}"]
