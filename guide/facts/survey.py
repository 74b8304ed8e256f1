"""The survey: sent in one exec, understood here."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping

from guide.clean import clean
from guide.errors import SurveyFailed
from guide.facts import boot, lspci, network, packages, vms
from guide.facts.cmdline import arguments
from guide.facts.frame import files, sections
from guide.facts.model import Cpu, Facts, HostFile, Loader, Versions
from guide.facts.numbers import number
from guide.facts.platform import parse_platform
from guide.facts.script import SURVEY
from guide.host import Host
from guide.tables import table


def take_survey(host: Host, clock: Callable[[], float] = time.time) -> Facts:
    """One exec, one round trip. Raises `SurveyFailed` where nothing usable came back."""
    word = f"@{secrets.token_hex(8)}"
    result = host.script(SURVEY, [word, *dict.fromkeys(row["qemu_from"] for row in table("pins"))], timeout=120)
    found = sections(result.stdout, word)
    if not found.get("boot_id") or not found.get("kernel"):
        raise SurveyFailed(clean((result.stderr or result.stdout)[-500:]))
    return parse_survey(found, word, clock())


def parse_survey(found: Mapping[str, str], word: str, taken_at: float) -> Facts:
    """Facts from the raw sections (pure)."""

    def raw(name: str) -> str:
        return found.get(name, "")

    held = files(raw("files"), word)
    loader = boot.parse_boot(
        raw("cmdline"), raw("boot_tool"), "/etc/kernel/proxmox-boot-uuids" in held, raw("efi"), raw("secure_boot")
    )
    storages = vms.parse_storages(_text(held, "/etc/pve/storage.cfg"), raw("pvesm"))
    installed = packages.parse_packages(raw("packages"))
    mappings = vms.parse_mappings(_text(held, "/etc/pve/mapping/pci.cfg"), raw("node").strip().split(".")[0])
    iommu = raw("iommu").split()
    return Facts(
        taken_at=taken_at,
        boot_id=raw("boot_id").strip(),
        node=raw("node").strip().split(".")[0],
        versions=Versions(
            installed.get("pve-manager"),
            raw("kernel").strip() or boot.running_kernel(raw("cmdline")),
            installed.get("pve-qemu-kvm"),
            installed.get("qemu-server"),
        ),
        cpu=_cpu(raw("cpu"), raw("cpus")),
        boot=loader,
        running_arguments=arguments(raw("cmdline")),
        next_arguments=boot.next_arguments(loader.kind, raw("grub_linux"), files(raw("loader_entries"), word)),
        files=held,
        initramfs_files=None,
        pci=lspci.parse_devices(raw("pci"), lspci.parse_lspci(raw("lspci"))),
        iommu_enabled=bool(iommu) if "iommu" in found else None,
        has_dmar={"yes": True, "no": False}.get(raw("dmar").strip()),
        framebuffer=_framebuffer(found),
        storages=storages,
        isos=vms.parse_isos(raw("isos"), storages),
        roms=vms.parse_roms(raw("roms"), raw("rom_marks")),
        vms=vms.parse_vms(raw("vms"), found.get("running"), mappings),
        containers=vms.parse_containers(raw("containers")),
        network=network.parse_network(raw("links"), raw("connection"), raw("addresses")),
        initramfs_current=_initramfs_current(raw("modified"), raw("kernel").strip(), loader.kind),
        holds=packages.parse_holds(raw("packages"), raw("holds")),
        available=packages.parse_policy(raw("policy")),
        vfio_properties=_properties(raw("vfio_properties")),
        memory_bytes=_number(r"MemTotal:\s*(\d+) kB", raw("memory"), 1024),
        uptime_seconds=_float(raw("uptime").split()[:1]),
        clock=_float(raw("clock").split()[:1]),
        platform=parse_platform(found),
        word=word,
        sections=dict(found),
    )


def _text(held: Mapping[str, HostFile], path: str) -> str:
    found = held.get(path)
    return (found.text if found else None) or ""


def _cpu(text: str, count: str) -> Cpu:
    rows = (line.partition(":") for line in text.splitlines())
    first = {key.strip(): value.strip() for key, _, value in rows}
    flags = first.get("flags")
    return Cpu(
        first.get("model name"),
        first.get("vendor_id"),
        number(count),
        None if flags is None else "vmx" in flags.split(),
        first.get("address sizes"),
    )


def _framebuffer(found: Mapping[str, str]) -> str | None:
    if "fb" not in found and "iomem" not in found:
        return None
    lines = [*found.get("fb", "").split("\n"), *found.get("iomem", "").split("\n")]
    return "\n".join(line.strip() for line in lines if line.strip())


def _initramfs_current(modified: str, kernel: str, kind: Loader | None) -> bool | None:
    """Whether the initrd is at least as new as every file of modprobe.d.

    Its content cannot be read cheaply, its time can. None where there is nothing to compare."""
    rows = [(number(at), path) for at, _, path in (line.partition(" ") for line in modified.splitlines())]
    initrd = [at for at, path in rows if at is not None and path == f"/boot/initrd.img-{kernel}"]
    config = [at for at, path in rows if at is not None and path.startswith("/etc/modprobe.d/")]
    return initrd[0] >= max(config) if initrd and config else None


def _properties(text: str) -> frozenset[str] | None:
    """The names in `kvm -device vfio-pci,help`: `  x-igd-gms=<uint32>     -  (default: 0)`."""
    names = frozenset(re.findall(r"^\s*(?:vfio-pci\.)?([a-z][a-z0-9_-]*)=<", text, re.MULTILINE))
    return names or None


def _number(pattern: str, text: str, unit: int) -> int | None:
    match = re.search(pattern, text)
    return int(match[1]) * unit if match else None


def _float(words: list[str]) -> float | None:
    try:
        return float(words[0]) if words else None
    except ValueError:
        return None
