"""What this QEMU does with this chip: the decision table."""

from __future__ import annotations

from guide import igd
from guide.choices import Choices
from guide.facts.model import Facts
from guide.finding import Finding, Honesty, Severity
from guide.rules.hardware import device_line
from guide.rules.make import finding

Found = tuple[Finding, ...]


def chip_refused(facts: Facts, choices: Choices) -> Found:
    """QEMU 9.2 refuses most chips since Gemini Lake; anything before 10.1 refuses Meteor Lake and later."""
    gpu = igd.igpu(facts)
    qemu = facts.versions.qemu
    if gpu is None or qemu is None:
        return ()
    decision = igd.decide(gpu.device, qemu)
    if decision.possible is not False:
        return ()
    chip = igd.known(gpu.device) or {}
    identity = "qemu-too-old-for-chip" if chip.get("group") == "unknown" else "qemu-refuses-chip"
    evidence = (device_line(gpu), f"pve-qemu-kvm {qemu}")
    severity, pin = Severity.STOPS, igd.pinned(gpu.device, qemu)
    return (
        finding(
            identity,
            severity,
            decision.source,
            evidence,
            honesty=decision.honesty,
            chip=chip.get("codename", gpu.ids),
            qemu=qemu,
            version=pin["version"] if pin else "-",
        ),
    )


def chip_unknown(facts: Facts, choices: Choices) -> Found:
    """A chip or a QEMU that the table does not know: nobody here can say what is needed."""
    gpu = igd.igpu(facts)
    qemu = facts.versions.qemu
    if gpu is None or igd.decide(gpu.device, qemu).possible is not None:
        return ()
    evidence = (device_line(gpu), f"pve-qemu-kvm {qemu or '-'}")
    source = "resources/tables/igpu.csv and igd.csv"
    if not gpu.device:
        return (finding("chip-id-missing", Severity.STOPS, source, evidence),)
    if qemu is None and facts.is_excerpt and igd.known(gpu.device) is not None:
        return ()
    if igd.known(gpu.device) is None:
        return (finding("chip-unknown", Severity.STOPS, source, evidence, honesty=Honesty.INFERENCE, chip=gpu.ids),)
    return (finding("qemu-unknown", Severity.STOPS, source, evidence, qemu=qemu or "-"),)
