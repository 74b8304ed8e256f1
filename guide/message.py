"""A sentence that is not written yet: a key of the text catalogues and its parameters.

Facts, findings, checks, changes and errors speak in messages; the window and the command line render them in the
person's language (`guide.text`). Parameters are data (often a host's words) and are put into named places only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Message:
    """`key` names a template such as "finding.vtd-off.claim"; `params` fill its `{places}`."""

    key: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __hash__(self) -> int:
        return hash((self.key, tuple(sorted(self.params.items()))))


def message(key: str, /, **params: object) -> Message:
    """Short form: `message("check.kernel-argument.claim", argument="intel_iommu=on")`."""
    return Message(key, MappingProxyType({name: str(value) for name, value in params.items()}))
