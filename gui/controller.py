"""One open host in the window: its worker thread, its session, and what the window may ask of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.bridge import Bridge
from gui.log_rows import rows_of
from gui.opening import Opened
from gui.snapshot import Snapshot, take
from guide.choices import Choices
from guide.errors import AppError, ConnectionLost, HostNotBack
from guide.events import Asked, Event, Failed, Progress, StateChanged
from guide.report import write_report
from guide.session import Session
from guide.worker import HostWorker

log = logging.getLogger(__name__)


class Controller(QObject):
    """All requests are queued for the worker; everything that comes back is a signal in the window's thread.

    A request names the page that asked, so that its failure is shown there. Judging other answers touches no host and
    takes a moment: it does not count as work for the buttons, or a click that follows the typing would be lost.
    """

    snapshot_changed = Signal(object)
    logged = Signal(list)
    asked = Signal(object)
    progressed = Signal(object)
    state_changed = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)
    idle = Signal()
    report_written = Signal(object)
    report_not_written = Signal(str)
    ended = Signal()

    def __init__(self, opened: Opened, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._hand_out)
        self._worker = HostWorker(opened.host.name)
        self._jobs = 0
        self._works = 0
        self._changing = 0
        self._closing = False
        self._lost = False
        self.session: Session = opened.session(self._hear)
        self.snapshot: Snapshot | None = None
        self.choices: Choices = self.session.choices
        """The person's latest answers; the session gets them in the order in which they were given."""
        self.last_failure: Failed | None = None

    @property
    def busy(self) -> bool:
        """Whether anything is under way, be it the judging of an answer."""
        return self._jobs > 0

    @property
    def working(self) -> bool:
        """Whether something is under way that the person waits for."""
        return self._works > 0

    @property
    def changing(self) -> bool:
        """Whether something is done that must not be cut off; reading may be."""
        return self._changing > 0

    def survey(self, page: str = "") -> None:
        self._submit(lambda: self._on_host(self.session.survey), page, changes=False)

    def run(self, step_id: str, digest: str) -> None:
        self._submit(lambda: self._on_host(lambda: self.session.run(step_id, digest)), step_id)

    def skip(self, step_id: str) -> None:
        self._submit(lambda: self._on_host(lambda: self.session.skip(step_id)), step_id)

    def undo(self, to_step: str | None, page: str) -> None:
        self._submit(lambda: self._on_host(lambda: self.session.undo(to_step)), page)

    def set_choices(self, choices: Choices, page: str) -> None:
        self.choices = choices
        self._submit(lambda: self.session.set_choices(choices), page, works=False, changes=False)

    def write_report(self, folder: Path, language: str, page: str) -> None:
        def write() -> None:
            try:
                self._bridge.post(write_report(self.session, folder, language))
            except OSError as error:
                self._bridge.post(_NotWritten(f"{error.filename or folder}: {error.strerror or error}"))

        self._submit(write, page)

    def answer(self, key: str, value: bool) -> None:
        """Reply to an open question; safe from the window's thread."""
        self.session.answer(key, value)

    def cancel(self) -> None:
        """Stop after the current change."""
        self.session.cancel()

    def close(self) -> None:
        """End the connection and, for practice, the host - after the change that may still run.

        Does not wait: `ended` tells when it is over.
        """
        self._closing = True
        self.session.cancel()
        self._worker.submit(self._close)
        self._worker.close(timeout=0)

    def _close(self) -> None:
        """The worker's last job."""
        try:
            self._opened.close()
        finally:
            self._bridge.post(_Ended())

    def _submit(self, job: Callable[[], Any], page: str, works: bool = True, changes: bool = True) -> None:
        self._jobs += 1
        self._works += works
        self._changing += changes
        self.last_failure = None
        if works:
            self.busy_changed.emit(True)
        self._worker.submit(lambda: self._work(job, page, works, changes))

    def _work(self, job: Callable[[], Any], page: str, works: bool, changes: bool) -> None:
        """In the worker's thread. However the job ends, the window hears that it has ended."""
        snapshot: Snapshot | None = None
        try:
            try:
                if not self._closing:
                    job()
            finally:
                snapshot = take(self.session)
        except AppError as error:
            self._lost = self._lost or isinstance(error, ConnectionLost | HostNotBack)
            self._bridge.post(_JobFailed(Failed.of(error, page)))
        except Exception as error:
            # A defect of ours: the log has the traceback, the person a sentence, and neither quotes a secret.
            log.exception("a job failed")
            self._bridge.post(_JobFailed(Failed.of(AppError(type(error).__name__), page)))
        finally:
            self._bridge.post(_JobDone(snapshot, works, changes))

    def _on_host(self, job: Callable[[], Any]) -> None:
        """In the worker's thread: a connection that broke is opened anew by whatever the person tries next."""
        if self._lost:
            self._opened.host.reconnect()
            self._lost = False
        job()

    def _hear(self, event: Event) -> None:
        """In the worker's thread: a question is shown next to what is known at that moment."""
        if self._closing:
            # A run that began at that very moment has made itself a new token.
            self.session.cancel()
        if isinstance(event, Asked):
            self._bridge.post(take(self.session))
        self._bridge.post(event)

    def _hand_out(self, batch: list[object]) -> None:
        lines = [row for event in batch for row in rows_of(event)]
        if lines:
            self.logged.emit(lines)
        for event in batch:
            self._one(event)

    def _one(self, event: object) -> None:
        if isinstance(event, _JobDone):
            self._end(event)
        elif isinstance(event, Snapshot):
            self._show(event)
        elif isinstance(event, Failed):
            self._fail(event)
        elif isinstance(event, _JobFailed):
            # What a step raised was told as `Failed` before.
            if self.last_failure is None:
                self.logged.emit([event.failed])
                self._fail(event.failed)
        elif isinstance(event, Asked):
            self.asked.emit(event)
        elif isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, StateChanged):
            self.state_changed.emit(event)
        elif isinstance(event, Path):
            self.report_written.emit(event)
        elif isinstance(event, _NotWritten):
            self.report_not_written.emit(event.why)
        elif isinstance(event, _Ended):
            self._bridge.stop()
            self.ended.emit()

    def _end(self, job: _JobDone) -> None:
        self._jobs -= 1
        self._works -= job.works
        self._changing -= job.changes
        if job.snapshot is not None:
            self._show(job.snapshot)
        if job.works:
            self.busy_changed.emit(self.working)
        if not self.busy:
            self.idle.emit()

    def _show(self, snapshot: Snapshot) -> None:
        if self.snapshot is None or self.snapshot.view is None:
            # The first survey may have found those of an earlier session, in the host's own journal too.
            self.choices = snapshot.choices
        self.snapshot = snapshot
        self.snapshot_changed.emit(snapshot)

    def _fail(self, event: Failed) -> None:
        self.last_failure = event
        self.failed.emit(event)


@dataclass(frozen=True)
class _JobDone:
    snapshot: Snapshot | None
    works: bool
    changes: bool


@dataclass(frozen=True)
class _JobFailed:
    failed: Failed


@dataclass(frozen=True)
class _NotWritten:
    why: str


class _Ended:
    """The host is closed; nothing follows."""
