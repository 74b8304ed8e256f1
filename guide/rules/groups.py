"""What leaves the host together with the iGPU and its sound: the IOMMU groups."""

from __future__ import annotations

from guide import igd
from guide.choices import Choices
from guide.facts.model import Facts, PciDevice
from guide.finding import Finding, Honesty, Severity
from guide.rules.hardware import device_line
from guide.rules.make import finding

Found = tuple[Finding, ...]

BRIDGES = ("0600", "0604")
"""Host and PCI bridges stay with the host (facts: pve.md 1.6)."""

NETWORK, STORAGE = "02", "01"
SOURCE = "facts: pve.md 1.6 (PVE binds every device of the group); peers-and-failures.md 3, row 6"


def companions(facts: Facts, device: PciDevice) -> tuple[PciDevice, ...]:
    """The other devices that leave the host with `device`.

    Where there are no groups yet (IOMMU off), the functions of the same slot are taken: Intel's PCH puts the
    functions of 00:1f into one group. That is an inference, and findings from it say so.
    """
    if device.iommu_group is not None:
        same = [other for other in facts.pci if other.iommu_group == device.iommu_group]
    else:
        slot = device.address.rpartition(".")[0]
        same = [other for other in facts.pci if other.address.rpartition(".")[0] == slot]
    return tuple(other for other in same if other != device and other.class_code not in BRIDGES)


def graphics_group(facts: Facts, choices: Choices) -> Found:
    """The iGPU is normally alone; a network or disk device beside it forbids going on."""
    gpu = igd.igpu(facts)
    return () if gpu is None else _judge(facts, gpu, "igpu", Severity.STOPS)


def audio_group(facts: Facts, choices: Choices) -> Found:
    """The sound function shares its group with the PCH's other functions, sometimes with the onboard NIC."""
    gpu = igd.igpu(facts)
    sound = igd.audio(facts, gpu) if gpu else None
    if sound is None:
        return ()
    return _judge(facts, sound, "audio", Severity.STOPS if choices.pass_audio else Severity.INFORMS)


def _judge(facts: Facts, device: PciDevice, what: str, severity: Severity) -> Found:
    others = companions(facts, device)
    evidence = tuple(device_line(other) for other in (device, *others))
    honesty = Honesty.SOURCE if device.iommu_group is not None else Honesty.INFERENCE

    def takes(kind: str, lost: PciDevice, weight: Severity) -> Finding:
        return finding(f"{what}-takes-{kind}", weight, SOURCE, evidence, honesty=honesty, device=lost.address)

    managing = [other for other in others if other.address in facts.network.management_devices]
    networking = [other for other in others if other.class_code.startswith(NETWORK)]
    disks = [other for other in others if other.class_code.startswith(STORAGE)]
    keyboards = [other for other in others if other.address in facts.platform.keyboard_devices]
    found = []
    if managing or networking:
        found.append(takes("network", (managing or networking)[0], severity))
    elif disks:
        found.append(takes("disk", disks[0], severity))
    if keyboards:
        # The host itself goes on without one.
        found.append(takes("keyboard", keyboards[0], Severity.WARNS if severity is Severity.STOPS else severity))
    return tuple(found)
