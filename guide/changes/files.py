"""Edit one text file of the host and run the command that makes the edit effective."""

from __future__ import annotations

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

    `purpose` names the title (`change.<purpose>.title`) and the detached job on the host, and tells the steps apart
    that edit the same file: each undoes its own words. Where `before` equals `after` only the command is run (an
    earlier try died between the two).
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
        return f"file:{self.path}:{self.purpose}"

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
        edits = _edits(context.earlier, current)
        backup = ""
        if current != self.after:
            edits.append((current, self.after))
            backup = "" if current is None else f"{context.backup_dir}/{self.path.strip('/').replace('/', '-')}"
        record: JsonObject = {
            "path": self.path,
            "purpose": self.purpose,
            "edits": [list(edit) for edit in edits],
            "backup": str(context.earlier.get("backup", "")) or backup,
            "then": list(self.then),
        }
        context.save(record)
        if current != self.after:
            expect = None if current is None else current.encode()
            context.host.write_file(self.path, self.after.encode(), expect=expect, backup=backup or None)
        if self.then:
            of = f"{self.path}\n{self.after}"
            context.host.run_job(self.purpose, self.then, of=of, on_line=context.on_line)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        path = str(record["path"])
        current = _text(context, path)
        wanted = _taken_back(record, current)
        expect = None if current is None else current.encode()
        if wanted is None and current is not None:
            context.host.remove_file(path, expect=expect)
        elif wanted is not None and wanted != current:
            context.host.write_file(path, wanted.encode(), expect=expect, backup=None)
        if record["then"]:
            of = f"{path}\n{_text(context, path) or ''}"
            context.host.run_job(f"undo-{record['purpose']}", list(record["then"]), of=of, on_line=context.on_line)


def _edits(earlier: Mapping[str, Any], current: str | None) -> list[tuple[str | None, str]]:
    """Our earlier edits of the file in this step, oldest first, as (before, after): the person may have edited it
    between them. One that would begin where the file is now was never written, or is taken back."""
    edits = _recorded(earlier) if earlier else []
    while edits and edits[-1][0] == current:
        edits.pop()
    return edits


def _recorded(record: Mapping[str, Any]) -> list[tuple[str | None, str]]:
    """Journals of the first versions of the program know one edit only."""
    return [(before, after) for before, after in record.get("edits") or [(record.get("before"), record["after"])]]


def _taken_back(record: Mapping[str, Any], text: str | None) -> str | None:
    """The text without our edits, newest first; None: no file, as before the first of them."""
    for before, after in reversed(_recorded(record)):
        if text == after:
            text = before
        elif text != before:
            merged = reverse_edit(before, after, text)
            if merged is None:
                difference = "\n".join(FileDiff(record["path"], after, text).lines())
                raise UndoConflict(difference, what=record["path"])
            text = None if before is None and not merged else merged
    return text


def _text(context: ChangeContext, path: str) -> str | None:
    data = context.host.read_file(path).data
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FileChangedMeanwhile(path=path) from error
