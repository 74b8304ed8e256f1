"""One open host in the window: its worker thread, its session, and what the window may ask of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
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
    """All requests are queued for the worker; everything that comes back is a signal in the window's thread."""

    snapshot_changed = Signal(object)
    logged = Signal(list)
    asked = Signal(object)
    progressed = Signal(object)
    state_changed = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)
    report_written = Signal(object)
    ended = Signal()

    def __init__(self, opened: Opened, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._hand_out)
        self._worker = HostWorker(opened.host.name)
        self._jobs = 0
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
        return self._jobs > 0

    @property
    def changing(self) -> bool:
        """Whether something is done that must not be cut off; reading may be."""
        return self._changing > 0

    def survey(self) -> None:
        self._submit(lambda: self._on_host(self.session.survey), changes=False)

    def run(self, step_id: str, digest: str) -> None:
        self._submit(lambda: self._on_host(lambda: self.session.run(step_id, digest)))

    def skip(self, step_id: str) -> None:
        self._submit(lambda: self._on_host(lambda: self.session.skip(step_id)))

    def undo(self, to_step: str | None) -> None:
        self._submit(lambda: self._on_host(lambda: self.session.undo(to_step)))

    def set_choices(self, choices: Choices) -> None:
        self.choices = choices
        self._submit(lambda: self.session.set_choices(choices), changes=False)

    def write_report(self, folder: Path, language: str) -> None:
        self._submit(lambda: self._bridge.post(write_report(self.session, folder, language)))

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
        self._worker.submit(self._end)
        self._worker.close(timeout=0)

    def _end(self) -> None:
        """The worker's last job."""
        try:
            self._opened.close()
        finally:
            self._bridge.post(_Ended())

    def _submit(self, job: Callable[[], Any], changes: bool = True) -> None:
        self._jobs += 1
        self._changing += changes
        self.last_failure = None
        self.busy_changed.emit(True)
        self._worker.submit(lambda: self._work(job, changes))

    def _work(self, job: Callable[[], Any], changes: bool) -> None:
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
            self._bridge.post(error)
        except Exception as error:
            # A defect of ours: the log has the traceback, the person a sentence, and neither quotes a secret.
            log.exception("a job failed")
            self._bridge.post(AppError(type(error).__name__))
        finally:
            self._bridge.post(_JobDone(snapshot, changes))

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
            self._jobs -= 1
            self._changing -= event.changes
            if event.snapshot is not None:
                self._show(event.snapshot)
            self.busy_changed.emit(self.busy)
        elif isinstance(event, Snapshot):
            self._show(event)
        elif isinstance(event, Failed):
            self._fail(event)
        elif isinstance(event, AppError):
            # What a step raised was told as `Failed` before.
            if self.last_failure is None:
                self._fail(Failed(0.0, "", event.code, tuple(event.params.items()), event.detail))
        elif isinstance(event, Asked):
            self.asked.emit(event)
        elif isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, StateChanged):
            self.state_changed.emit(event)
        elif isinstance(event, Path):
            self.report_written.emit(event)
        elif isinstance(event, _Ended):
            self._bridge.stop()
            self.ended.emit()

    def _show(self, snapshot: Snapshot) -> None:
        if self.snapshot is None or self.snapshot.view is None:
            # The first survey may have found those of an earlier session, in the host's own journal too.
            self.choices = snapshot.choices
        self.snapshot = snapshot
        self.snapshot_changed.emit(snapshot)

    def _fail(self, event: Failed) -> None:
        self.last_failure = event
        self.failed.emit(event)


class _JobDone:
    def __init__(self, snapshot: Snapshot | None, changes: bool) -> None:
        self.snapshot = snapshot
        self.changes = changes


class _Ended:
    """The host is closed; nothing follows."""
