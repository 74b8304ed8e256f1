"""A folder of plain transcripts, as people post them, read as a survey. Every file may be missing or an excerpt.

Each file is put into the section that the survey script would have printed, so that one parser reads both. The file's
name says which command it is from; what no rule knows is left alone.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

from guide.bundle import listings
from guide.errors import BundleUnreadable
from guide.facts.model import Facts
from guide.facts.survey import parse_survey

WORD = "@transcripts"
MOST_BYTES = 2 << 20

_PROMPT = re.compile(r"^(?:\[?[\w.-]++@[\w.-]++[^\s#$%]*+(?: [^\s#$%]*+)?[#$%]|\$)(?: .*)?$\n?", re.MULTILINE)
"""`root@pve:~# lspci -nn` or `[root@pve ~]# ...` around the output that somebody pasted."""

_COLOUR = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""What grep --color and others leave in a pasted text (ECMA-48, control sequences)."""

_FENCE = re.compile(r"^\s*```.*\n?", re.MULTILINE)
_ENDINGS = (".txt", ".log", ".out", ".conf")

ETC = {
    "etc-default-grub": "/etc/default/grub",
    "etc-kernel-cmdline": "/etc/kernel/cmdline",
    "etc-kernel-proxmox-boot-uuids": "/etc/kernel/proxmox-boot-uuids",
    "etc-modules": "/etc/modules",
    "etc-initramfs-tools-modules": "/etc/initramfs-tools/modules",
    "etc-sysfs.conf": "/etc/sysfs.conf",
    "etc-pve-storage.cfg": "/etc/pve/storage.cfg",
    "storage.cfg": "/etc/pve/storage.cfg",
}
FOLDERS = {
    "etc-default-grub.d-": "/etc/default/grub.d/",
    "etc-modprobe.d-": "/etc/modprobe.d/",
    "etc-modules-load.d-": "/etc/modules-load.d/",
}

PLAIN = {
    "proc-cmdline": "cmdline",
    "proc-fb": "fb",
    "proc-iomem": "iomem",
    "proc-cpuinfo": "cpu",
    "proc-uptime": "uptime",
    "proc-bus-input-devices": "inputs",
    "uname-r": "kernel",
    "hostname": "node",
    "proxmox-boot-tool-status": "boot_tool",
    "pvesm-status": "pvesm",
    "apt-mark-showhold": "holds",
    "dkms-status": "dkms",
    "mokutil-sb-state": "secure_boot",
    "kvm-device-vfio-pci-help": "vfio_properties",
    "apt-cache-policy-pve-qemu-kvm": "policy",
    "update-initramfs": "refresh",
    "proxmox-boot-tool-refresh": "refresh",
    "cmdline": "cmdline",
}
"""Start of the file's name -> section that holds the same text."""


def read_folder(folder: Path) -> Facts:
    """Facts from the transcripts in `folder`. Raises `BundleUnreadable` where none of its files is one."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in _ENDINGS and path.is_file())
    facts = read_transcripts({path.name: _raw(path) for path in paths})
    if not facts.sections:
        raise BundleUnreadable(path=str(folder))
    return facts


def read_transcripts(texts: Mapping[str, bytes]) -> Facts:
    """Facts from transcripts by file name (pure); no fact at all where no name is known."""
    gathered = listings.Gathered()
    for name, raw in texts.items():
        _take(name, _text(raw), gathered)
    return parse_survey(gathered.sections(WORD), WORD, 0.0)


def _raw(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise BundleUnreadable(str(error), path=str(path)) from error


def _text(raw: bytes) -> str:
    """Without what terminals, forums and Windows put around the host's own words."""
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = raw.decode("utf-16" if marked else "utf-8-sig", "replace")
    text = _COLOUR.sub("", text.replace("\r\n", "\n").replace("\u00a0", " "))
    return textwrap.dedent(_PROMPT.sub("", _FENCE.sub("", text)))


def _take(name: str, text: str, gathered: listings.Gathered) -> None:
    """One file by the start of its name; excerpts carry words like `.excerpt` after it."""
    stem = re.sub(r"(\.(excerpt|grep|filtered|RECONSTRUCTED|corrupted-line|GENERATED))*\.(txt|log|out)$", "", name)
    stem = re.sub(r"^(?:sudo-|cat-)+", "", stem.replace(" ", "-"))
    path = _etc_path(stem)
    if path:
        gathered.files[path] = text
        return
    for start, take in READERS:
        if stem.startswith(start):
            take(stem, text, gathered)
            return
    for start, section in PLAIN.items():
        if stem.startswith(start):
            gathered.plain[section] = text
            return


def _etc_path(stem: str) -> str | None:
    start = next((start for start in FOLDERS if stem.startswith(start)), None)
    if start:
        return FOLDERS[start] + stem.removeprefix(start)
    known = (path for start, path in ETC.items() if re.match(rf"{re.escape(start)}(?:[.-]|$)", stem))
    return next(known, None)


READERS: tuple[tuple[str, Callable[[str, str, listings.Gathered], None]], ...] = (
    ("lspci", listings.take_lspci),
    ("iommu-groups", listings.take_groups),
    ("pvesh-hardware-pci", listings.take_hardware),
    ("pveversion", listings.take_versions),
    ("qm-config", listings.take_vm),
    ("etc-pve-qemu-server-", listings.take_vm),
    ("dpkg-l", listings.take_dpkg),
    ("kvm-version", listings.take_kvm_version),
    ("qm-start", listings.take_messages),
    ("dmesg", listings.take_messages),
    ("lscpu", listings.take_cpu),
    ("lsmod", listings.take_modules),
    ("uname-a", listings.take_uname),
    ("etc-network-interfaces", listings.take_interfaces),
    ("ls-mdev_supported_types", listings.take_mediated),
    ("lxc-config", listings.take_container),
    ("pct-config", listings.take_container),
)
