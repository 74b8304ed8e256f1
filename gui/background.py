"""Short jobs off the window's thread - the keyring may ask its own questions and take its time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from guide.errors import AppError
from guide.worker import HostWorker

log = logging.getLogger(__name__)


class Background(QObject):
    """One thread, one queue. `then` gets the result, `failed` an `AppError`; both are called in the window's thread."""

    _ended = Signal(object, object)

    def __init__(self, name: str, failed: Callable[[AppError], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = HostWorker(name)
        self._failed = failed
        self._ended.connect(self._call)

    def run(
        self, job: Callable[[], Any], then: Callable[[Any], None], failed: Callable[[AppError], None] | None = None
    ) -> None:
        """Queue a job; `failed` where its failure concerns somebody else than usual."""
        on_error = failed or self._failed

        def work() -> None:
            try:
                result = job()
            except AppError as error:
                self._ended.emit(on_error, error)
            except Exception as error:
                log.exception("a background job failed")
                self._ended.emit(on_error, AppError(type(error).__name__))
            else:
                self._ended.emit(then, result)

        self._worker.submit(work)

    def _call(self, function: Callable[[Any], None], value: object) -> None:
        function(value)

    def close(self) -> None:
        """Take no more jobs; does not wait for one that hangs in a prompt."""
        self._worker.close(timeout=0)
