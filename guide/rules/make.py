"""Short form for findings: the three sentences are catalogue keys made from the finding's id."""

from __future__ import annotations

from guide.finding import Finding, Honesty, Severity
from guide.message import message


def finding(
    identity: str,
    severity: Severity,
    source: str,
    evidence: tuple[str, ...] = (),
    *,
    honesty: Honesty = Honesty.SOURCE,
    step: str = "check",
    **params: object,
) -> Finding:
    """A finding whose sentences are `finding.<id>.claim`, `.means` and `.remedy`, all with the same places."""
    claim, means, remedy = (message(f"finding.{identity}.{part}", **params) for part in ("claim", "means", "remedy"))
    return Finding(identity, severity, claim, means, remedy, evidence, honesty, source, step)
