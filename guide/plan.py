"""A plan is a forecast: the changes of one step, each with its preview, and a digest of exactly that."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from guide.change import Change


@dataclass(frozen=True)
class Plan:
    """What a step will do, in order. Changes that are already done are not in it."""

    step: str
    changes: tuple[Change, ...]

    @cached_property
    def digest(self) -> str:
        """sha256 over the previews in canonical JSON. Approval names this; another digest means another plan."""
        described = [[change.id, change.preview.describe()] for change in self.changes]
        text = json.dumps([self.step, described], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_empty(self) -> bool:
        return not self.changes
