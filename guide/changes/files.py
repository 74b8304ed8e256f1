"""Edit one text file of the host and run the command that makes the edit effective."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, Cost, FileDiff, JsonObject, Preview
from guide.changes.merge import reverse_edit
from guide.errors import FileChangedMeanwhile, UndoConflict
from guide.message import Message, message


@dataclass(frozen=True)
class EditFile(Change):
    """`before` is the text that the survey saw (None: no such file); `then` is the command to run afterwards.

    `purpose` names the title (`change.<purpose>.title`) and the detached job on the host. Where `before` equals
    `after` only the command is run (an earlier try died between the two).
    """

    kind = "file"
    path: str
    before: str | None
    after: str
    purpose: str
    then: tuple[str, ...] = ()
    takes: frozenset[Cost] = frozenset()

    @property
    def id(self) -> str:
        return f"file:{self.path}"

    @property
    def title(self) -> Message:
        return message(f"change.{self.purpose}.title", path=self.path)

    @property
    def preview(self) -> Preview:
        diffs = () if self.before == self.after else (FileDiff(self.path, self.before, self.after),)
        return Preview(diffs=diffs, commands=(shlex.join(self.then),) if self.then else ())

    @property
    def costs(self) -> frozenset[Cost]:
        return self.takes

    def apply(self, context: ChangeContext) -> JsonObject:
        current = _text(context, self.path)
        if current not in (self.before, self.after):
            raise FileChangedMeanwhile(path=self.path)
        backup = f"{context.backup_dir}/{self.path.strip('/').replace('/', '-')}"
        origin, backup = _origin(context.earlier, current, backup)
        record: JsonObject = {
            "path": self.path,
            "purpose": self.purpose,
            "before": origin,
            "before_sha256": _sha256(origin),
            "after": self.after,
            "after_sha256": _sha256(self.after),
            "backup": backup if origin is not None else "",
            "then": list(self.then),
        }
        context.save(record)
        if current != self.after:
            expect = None if current is None else current.encode()
            saved = record["backup"] or None
            context.host.write_file(self.path, self.after.encode(), expect=expect, backup=saved)
        if self.then:
            of = f"{self.path}\n{self.after}"
            context.host.run_job(self.purpose, self.then, of=of, on_line=context.on_line)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        path, before, after = str(record["path"]), record["before"], str(record["after"])
        current = _text(context, path)
        if current != before:
            wanted = before if current == after else reverse_edit(before, after, current)
            if wanted is None and before is not None:
                raise UndoConflict(what=path)
            expect = None if current is None else current.encode()
            if wanted is None:
                context.host.remove_file(path, expect=expect)
            else:
                context.host.write_file(path, wanted.encode(), expect=expect, backup=None)
        if record["then"]:
            of = f"{path}\n{_text(context, path) or ''}"
            context.host.run_job(f"undo-{record['purpose']}", list(record["then"]), of=of, on_line=context.on_line)


def _origin(earlier: Mapping[str, Any], current: str | None, backup: str) -> tuple[str | None, str]:
    """What the file held before we ever touched it, and where that is backed up.

    A repeated or later edit of our own text keeps the first origin, so that undo goes back to the person's file.
    """
    if earlier and earlier.get("after_sha256") == _sha256(current) and earlier.get("before") != current:
        return earlier.get("before"), str(earlier.get("backup", ""))
    return current, backup


def _text(context: ChangeContext, path: str) -> str | None:
    data = context.host.read_file(path).data
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FileChangedMeanwhile(path=path) from error


def _sha256(text: str | None) -> str:
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()
