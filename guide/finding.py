"""A finding: what a host's facts mean for the guide, with evidence, severity and remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from guide.message import Message


class Severity(Enum):
    """STOPS: nothing may be written on this host. WARNS: the person should know first. INFORMS: good to know."""

    STOPS = "stops"
    WARNS = "warns"
    INFORMS = "informs"


class Honesty(Enum):
    """How sure the rule is (house rule: where a fact is unproven, the application says so)."""

    SOURCE = "source"
    REPORTED = "reported"
    INFERENCE = "inference"


@dataclass(frozen=True)
class Finding:
    """`evidence` are lines as the host printed them; claim, meaning and remedy are catalogue messages.

    `finding.<id>.claim`, `finding.<id>.means`, `finding.<id>.remedy`; `source` cites the fact behind the rule.
    """

    id: str
    severity: Severity
    claim: Message
    means: Message
    remedy: Message
    evidence: tuple[str, ...] = ()
    honesty: Honesty = Honesty.SOURCE
    source: str = ""
    step: str = "check"
    """The step whose action it stops or concerns."""
