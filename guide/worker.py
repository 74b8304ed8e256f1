"""One daemon thread per host: it owns the connection and works through a queue."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

log = logging.getLogger(__name__)

Job = tuple[Callable[[], Any], Future[Any]]


class HostWorker:
    """A serial queue for one host. Jobs are plain callables; what they raise is in their future."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._busy = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"host {name}", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a job runs right now."""
        return self._busy.is_set()

    def submit(
        self, function: Callable[[], Any], on_error: Callable[[BaseException], None] | None = None
    ) -> Future[Any]:
        """Queue a job. `on_error` is called in the worker's thread with what the job raised."""
        future: Future[Any] = Future()
        if on_error is not None:
            future.add_done_callback(lambda done: _report(done, on_error))
        self._jobs.put((function, future))
        return future

    def close(self, timeout: float = 2.0) -> bool:
        """End after the job that runs now; True where the thread ended within `timeout` seconds."""
        self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, future = job
            if not future.set_running_or_notify_cancel():
                continue
            self._busy.set()
            try:
                result = function()
            except BaseException as error:
                self._busy.clear()
                future.set_exception(error)
            else:
                self._busy.clear()
                future.set_result(result)


def _report(done: Future[Any], on_error: Callable[[BaseException], None]) -> None:
    if done.cancelled():
        return
    error = done.exception()
    if error is not None:
        on_error(error)
