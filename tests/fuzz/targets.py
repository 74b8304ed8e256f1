"""What is fuzzed: every parser that reads what a stranger wrote. Each target takes bytes and must not raise."""

from __future__ import annotations

from collections.abc import Callable

from guide.bundle.folder import read_transcripts
from guide.choices import Choices
from guide.facts import cmdline, grub, hostpci, lspci, modprobe, vms
from guide.facts.assignments import is_effective
from guide.facts.frame import files, sections
from guide.facts.model import HostFile
from guide.facts.survey import parse_survey
from guide.iommu_map import iommu_map
from guide.overview import overview
from guide.remedies import changes_for
from guide.rom.desk import inspect, judge
from guide.rom.firmware import find_gop
from guide.rules import judge as findings

WORD = "@w"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def rom(data: bytes) -> None:
    """The ROM desk and the search in BIOS images."""
    judge(inspect(data), "46d1", "9.0.2-4")
    inspect(b"\x55\xaa" + data)
    find_gop(data)


def pci(data: bytes) -> None:
    text = _text(data)
    lspci.parse_devices(text, lspci.parse_lspci(text))


def grub_file(data: bytes) -> None:
    text = _text(data)
    once = grub.with_arguments(text, ("intel_iommu=on",))
    assert grub.with_arguments(once, ("intel_iommu=on",)) == once
    assert not grub.can_edit(text) or is_effective(grub.arguments(once), "intel_iommu=on")
    grub.overrides({"/etc/default/grub.d/x.cfg": HostFile("/etc/default/grub.d/x.cfg", text)})


def modprobe_files(data: bytes) -> None:
    text = _text(data)
    path = "/etc/modprobe.d/vfio.conf"
    once = modprobe.vfio_conf(text, ["8086:46d1", "8086:54c8"], ["i915"])
    assert modprobe.vfio_conf(once, ["8086:46d1", "8086:54c8"], ["i915"]) == once
    modprobe.vfio_ids(modprobe.parse({path: HostFile(path, text)}))
    assert modprobe.edited(text, lambda words: words) == text
    less = modprobe.edited(text, lambda words: [word for word in words if word != "disable_vga=1"])
    assert modprobe.edited(less, lambda words: [word for word in words if word != "disable_vga=1"]) == less


def kernel_line(data: bytes) -> None:
    text = _text(data)
    once = cmdline.with_arguments(text, ("intel_iommu=on",))
    assert cmdline.with_arguments(once, ("intel_iommu=on",)) == once


def vm_config(data: bytes) -> None:
    vm = vms.parse_vm(100, _text(data), None)
    hostpci.entries(vm)
    hostpci.set_properties(vm)


def survey(data: bytes) -> None:
    """A whole survey: raw frames, then facts, findings, map and overview."""
    text = _text(data)
    found = sections(text, WORD)
    files(text, WORD)
    facts = parse_survey(found, WORD, 0.0)
    for finding in findings(facts, Choices()):
        changes_for(finding.id, facts)
    iommu_map(facts, Choices())
    overview(facts)


def transcripts(data: bytes) -> None:
    """A folder with one file: its name in the first line."""
    name, _, text = data.partition(b"\n")
    facts = read_transcripts({_text(name): text, "lspci-nn.txt": text})
    findings(facts, Choices())
    iommu_map(facts, Choices())


TARGETS: dict[str, Callable[[bytes], None]] = {
    "rom": rom,
    "lspci": pci,
    "grub": grub_file,
    "modprobe": modprobe_files,
    "cmdline": kernel_line,
    "qm": vm_config,
    "survey": survey,
    "transcripts": transcripts,
}
