"""A change is one reversible thing done to a host: previewed, journalled, verified, undoable.

A change is built from facts (see `guide.chapters`), so it knows the state it starts from. It is journalled before and
after by the runner; `undo` works from the journal's record alone, so that it works in another session too.
"""

from __future__ import annotations

import difflib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

from guide.host import CancelToken, Host, LineSink
from guide.message import Message

JsonObject = dict[str, Any]


class Cost(Enum):
    """What a change takes from the person; shown beside it."""

    REBOOT = "reboot"
    CONSOLE = "console"
    VM_OFF = "vm-off"
    DATA = "data"


@dataclass(frozen=True)
class FileDiff:
    """A text file before and after; None where it does not exist."""

    path: str
    before: str | None
    after: str | None

    def describe(self) -> JsonObject:
        return {"file": self.path, "before": self.before, "after": self.after}

    def lines(self) -> tuple[str, ...]:
        """A unified diff without its file header; each line begins with " ", "+", "-" or "@@"."""
        before, after = (self.before or "").splitlines(), (self.after or "").splitlines()
        return tuple(list(difflib.unified_diff(before, after, lineterm="", n=2))[2:])


@dataclass(frozen=True)
class Preview:
    """What will happen: file diffs, keys of a VM configuration (key, before, after), commands, files copied."""

    diffs: tuple[FileDiff, ...] = ()
    keys: tuple[tuple[str, str | None, str | None], ...] = ()
    commands: tuple[str, ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    """(from, to) of files copied to the host."""

    def describe(self) -> JsonObject:
        """The preview as JSON, in a form that has the same text for the same content."""
        return {
            "diffs": [diff.describe() for diff in self.diffs],
            "keys": [list(key) for key in self.keys],
            "commands": list(self.commands),
            "copies": [list(copy) for copy in self.copies],
        }


@dataclass
class ChangeContext:
    """What a change needs while it runs. `progress(done, total, unit, note)` and `log` reach the listeners."""

    host: Host
    on_line: LineSink
    progress: Callable[[float, float | None, str, Message | None], None]
    log: Callable[[Message], None]
    cancel: CancelToken
    backup_dir: str
    """Folder on the host for this change's backups, e.g. /var/lib/pve-igpu/backups/20261124-111530-cmdline."""
    earlier: Mapping[str, Any] = field(default_factory=dict)
    """The record of an unfinished earlier try of the same change (its original backup counts), else empty."""
    save: Callable[[JsonObject], None] = lambda record: None
    """Write the undo record to the journal *before* the host is touched; may be called again with more."""


class Change(ABC):
    """One reversible thing. Subclasses are frozen dataclasses registered under `kind` for undo."""

    kind: ClassVar[str]
    registry: ClassVar[dict[str, type[Change]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "kind" in cls.__dict__:
            Change.registry[cls.kind] = cls

    @property
    @abstractmethod
    def id(self) -> str:
        """Stable across sessions, unique on a host: e.g. "file:/etc/modprobe.d/vfio.conf:vfio", "vm-config:100"."""

    @property
    @abstractmethod
    def title(self) -> Message:
        """What it does, as a verb phrase."""

    @property
    @abstractmethod
    def preview(self) -> Preview: ...

    @property
    def costs(self) -> frozenset[Cost]:
        return frozenset()

    @abstractmethod
    def apply(self, context: ChangeContext) -> JsonObject:
        """Do it; return the final undo record (JSON). Call `context.save(record)` before touching the host.

        Must be safe to repeat after a crash: what is already as wanted is left alone.
        """

    @classmethod
    @abstractmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        """Put back what the record describes; does nothing where that is already so.

        Raises `guide.errors.UndoConflict` where somebody else has changed the same thing since.
        """

    @classmethod
    def undo_title(cls, record: Mapping[str, Any]) -> Message:
        """What undoing it does, for the undo page."""
        return Message(f"undo.{cls.kind}", {k: v for k, v in record.items() if isinstance(v, str)})


def canonical(record: Mapping[str, Any]) -> str:
    """One line of JSON for the journal."""
    return json.dumps(record, sort_keys=True, ensure_ascii=False)
