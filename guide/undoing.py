"""Undoing many changes, newest first: a conflict leaves what hangs together with it, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable

from guide.changes.files import EditFile
from guide.changes.media import DownloadIso, UploadFile
from guide.errors import AppError, UndoConflict
from guide.host import CancelToken
from guide.journal import Standing
from guide.message import message
from guide.runner import Runner, lives_in_destroyed_vm
from guide.voice import Voice

Told = Callable[[str, AppError], None]
"""Hears what went wrong, and in which step."""


def undo_each(
    items: tuple[Standing, ...], runner: Runner, voice: Voice, cancel: CancelToken, failed: Told
) -> list[UndoConflict]:
    """Undo the items in this order; what somebody else has changed since is left, and told. Any other error ends it.

    What lives in a VM that is destroyed is undone only once the VM is gone: until then it stands.
    """
    conflicts: list[UndoConflict] = []
    left: list[Standing] = []
    for item in items:
        cancel.check()
        if lives_in_destroyed_vm(item, items):
            continue
        step = voice.of(item.step)
        reason = next((other for other in left if _rests_on(other, item)), None)
        if reason is not None:
            step.say(message("undo.left", change=item.change, because=reason.change), "warning")
            left.append(item)
            continue
        try:
            runner.undo(item, step)
        except UndoConflict as error:
            failed(item.step, error)
            conflicts.append(error)
            left.append(item)
            continue
        except AppError as error:
            failed(item.step, error)
            raise
        for inhabitant in items:
            if lives_in_destroyed_vm(inhabitant, (item,)):
                runner.undone_with_vm(inhabitant, voice.of(inhabitant.step))
    return conflicts


def one_error(conflicts: list[UndoConflict]) -> UndoConflict:
    """All of them as one."""
    details = "\n".join(error.detail for error in conflicts if error.detail)
    return UndoConflict(details, what=", ".join(error.params["what"] for error in conflicts))


def _rests_on(newer: Standing, older: Standing) -> bool:
    """Whether the older change must stay while the newer one stands: the same VM, the same file, or what a VM uses."""
    vmid, path = newer.record.get("vmid"), newer.record.get("path")
    if vmid is not None:
        return older.record.get("vmid") == vmid or older.kind in (UploadFile.kind, DownloadIso.kind)
    return newer.kind == older.kind == EditFile.kind and older.record["path"] == path
