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
    severity = Severity.STOPS
    return (
        finding(
            identity,
            severity,
            decision.source,
            evidence,
            honesty=decision.honesty,
            chip=chip.get("codename", gpu.ids),
            qemu=qemu,
        ),
    )


def chip_unknown(facts: Facts, choices: Choices) -> Found:
    """A chip that the table does not know: nobody here can say what it needs."""
    gpu = igd.igpu(facts)
    if gpu is None or igd.decide(gpu.device, facts.versions.qemu).possible is not None:
        return ()
    evidence = (device_line(gpu), f"pve-qemu-kvm {facts.versions.qemu or '-'}")
    source = "resources/tables/igpu.csv and igd.csv"
    return (finding("chip-unknown", Severity.STOPS, source, evidence, honesty=Honesty.INFERENCE, chip=gpu.ids),)
