"""One open host in the window: its worker thread, its session, and what the window may ask of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.bridge import Bridge
from gui.opening import Opened
from gui.snapshot import Snapshot, take
from guide.choices import Choices
from guide.errors import AppError
from guide.events import Asked, Failed, LogLine, Progress, StateChanged, Verified
from guide.report import write_report
from guide.session import Session
from guide.worker import HostWorker


class Controller(QObject):
    """All requests are queued for the worker; everything that comes back is a signal in the window's thread."""

    snapshot_changed = Signal(object)
    logged = Signal(list)
    asked = Signal(object)
    progressed = Signal(object)
    state_changed = Signal(object)
    verified = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)
    report_written = Signal(object)

    def __init__(self, opened: Opened, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._hand_out)
        self._worker = HostWorker(opened.host.name)
        self._jobs = 0
        self.session: Session = opened.session(self._bridge.post)
        self.snapshot: Snapshot | None = None
        self.last_failure: Failed | None = None

    @property
    def choices(self) -> Choices:
        return self.session.choices

    @property
    def busy(self) -> bool:
        return self._jobs > 0

    def survey(self) -> None:
        self._submit(self.session.survey)

    def run(self, step_id: str, digest: str) -> None:
        self.last_failure = None
        self._submit(lambda: self.session.run(step_id, digest))

    def skip(self, step_id: str) -> None:
        self._submit(lambda: self.session.skip(step_id))

    def undo(self, to_step: str | None) -> None:
        self.last_failure = None
        self._submit(lambda: self.session.undo(to_step))

    def set_choices(self, choices: Choices) -> None:
        self._submit(lambda: self.session.set_choices(choices))

    def write_report(self, folder: Path, language: str) -> None:
        def write() -> None:
            self._bridge.post(write_report(self.session, folder, language))

        self._submit(write)

    def answer(self, key: str, value: bool) -> None:
        """Reply to an open question; safe from the window's thread."""
        self.session.answer(key, value)

    def cancel(self) -> None:
        """Stop after the current change."""
        self.session.cancel()

    def close(self) -> None:
        """End the worker, the connection and, for practice, the host."""
        self.session.cancel()
        self._worker.submit(self._opened.close)
        self._worker.close()
        self._bridge.stop()

    def _submit(self, job: Callable[[], Any]) -> None:
        self._jobs += 1
        self.busy_changed.emit(True)

        def work() -> None:
            try:
                job()
            except AppError as error:
                self._bridge.post(error)
            finally:
                self._bridge.post(_JobDone(take(self.session)))

        self._worker.submit(work, lambda error: self._bridge.post(_JobDone(None)))

    def _hand_out(self, batch: list[object]) -> None:
        lines = [event for event in batch if isinstance(event, LogLine | Failed)]
        if lines:
            self.logged.emit(lines)
        for event in batch:
            self._one(event)

    def _one(self, event: object) -> None:
        if isinstance(event, _JobDone):
            self._jobs -= 1
            if event.snapshot is not None:
                self.snapshot = event.snapshot
                self.snapshot_changed.emit(event.snapshot)
            self.busy_changed.emit(self.busy)
        elif isinstance(event, Failed):
            self.last_failure = event
            self.failed.emit(event)
        elif isinstance(event, AppError) and self.last_failure is None:
            self.last_failure = Failed(0.0, "", event.code, tuple(event.params.items()), event.detail)
            self.failed.emit(self.last_failure)
        elif isinstance(event, Asked):
            self.asked.emit(event)
        elif isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, StateChanged):
            self.state_changed.emit(event)
        elif isinstance(event, Verified):
            self.verified.emit(event)
        elif isinstance(event, Path):
            self.report_written.emit(event)


class _JobDone:
    def __init__(self, snapshot: Snapshot | None) -> None:
        self.snapshot = snapshot
