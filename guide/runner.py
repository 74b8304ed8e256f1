"""Doing and undoing single changes, with the journal written before and after."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from guide.change import Change, ChangeContext, JsonObject
from guide.changes.vm_create import CreateVm
from guide.errors import AppError, ConnectionFailed
from guide.events import ChangeFinished
from guide.host import CancelToken, Host
from guide.journal import HOST_FOLDER, HOST_JOURNAL, Journal, Standing
from guide.message import message
from guide.voice import Voice

_SAVE = 'umask 077; mkdir -p "$1" && cat > "$2.new" && mv -f "$2.new" "$2"'


class Runner:
    """Applies changes to one host. Raises what the change raises, after it is in the journal as failed."""

    def __init__(self, host: Host, journal: Journal, cancel: CancelToken) -> None:
        self._host = host
        self._journal = journal
        self._cancel = cancel

    def apply(self, change: Change, voice: Voice) -> None:
        """Journal, do, journal. The undo record is in both journals before the host is touched."""
        voice.started(change.id, change.title)
        earlier = self._journal.find(change.id)
        context = self._context(change.id, voice, earlier.record if earlier else {})
        context.save = lambda record: self._begin(voice, change, record)
        try:
            record = change.apply(context)
        except AppError as error:
            voice.say(message("log.change-failed", change=change.id, code=error.code), "error")
            self._write("failed", voice, change.id, change.kind, {})
            raise
        self._write("end", voice, change.id, change.kind, record)
        voice.emit(ChangeFinished(time.time(), voice.step, change.id, "done"))

    def undo(self, standing: Standing, voice: Voice) -> None:
        """Put one change back by its record alone."""
        kind = Change.registry[standing.kind]
        voice.started(standing.change, kind.undo_title(standing.record))
        kind.undo(standing.record, self._context(standing.change, voice, {}))
        self._undone(standing, voice)

    def undone_with_vm(self, standing: Standing, voice: Voice) -> None:
        """The change lived inside a VM that is destroyed in the same undo: nothing to do for itself."""
        voice.say(message("undo.goes-with-vm", change=standing.change))
        self._undone(standing, voice)

    def _undone(self, standing: Standing, voice: Voice) -> None:
        self._write("undone", voice, standing.change, standing.kind, {})
        voice.emit(ChangeFinished(time.time(), voice.step, standing.change, "undone"))

    def _begin(self, voice: Voice, change: Change, record: JsonObject) -> None:
        self._write("begin", voice, change.id, change.kind, record)

    def _write(self, phase: str, voice: Voice, change: str, kind: str, record: Mapping[str, Any]) -> None:
        self._journal.write(phase, voice.step, change, kind, record)
        self.mirror(voice)

    def mirror(self, voice: Voice) -> None:
        """Copy the journal to the host, once something was begun there: another workstation may go on."""
        if not self._journal.has_changes:
            return
        try:
            text = self._journal.text.encode()
            self._host.run(["sh", "-c", _SAVE, "sh", HOST_FOLDER, HOST_JOURNAL], stdin=text)
        except ConnectionFailed:
            # The next entry copies the whole text again; the workstation's journal is complete.
            voice.say(message("log.journal-not-mirrored"), "warning")

    def _context(self, change: str, voice: Voice, earlier: Mapping[str, Any]) -> ChangeContext:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        return ChangeContext(
            host=self._host,
            on_line=voice.quote,
            progress=lambda done, total, unit, note: voice.progress(change, done, total, unit, note),
            log=voice.say,
            cancel=self._cancel,
            backup_dir=f"{HOST_FOLDER}/backups/{stamp}-{voice.step}",
            earlier=earlier,
        )


def lives_in_destroyed_vm(standing: Standing, all_items: tuple[Standing, ...]) -> bool:
    """Whether the VM that this change belongs to is destroyed by another item of the same undo."""
    vmid = standing.record.get("vmid")
    creations = (item.record for item in all_items if item.kind == CreateVm.kind)
    made = {record["vmid"] for record in creations if "nothing_made" not in record}
    return standing.kind != CreateVm.kind and vmid in made
