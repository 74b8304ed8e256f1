"""Questions to the person: the worker waits, the window (or the answers file) replies; cancelling releases the wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet

from guide.events import Question
from guide.host import CancelToken


class Asker:
    """One open question at a time and host. `announce` tells the listeners that somebody must answer."""

    def __init__(self, announce: Callable[[Question], None]) -> None:
        self._announce = announce
        self._lock = threading.Lock()
        self._open: dict[str, Future[bool]] = {}

    def ask(self, question: Question, cancel: CancelToken) -> bool:
        """Block until somebody answers; raises `Cancelled` when the person asks to stop instead."""
        future: Future[bool] = Future()
        with self._lock:
            self._open[question.key] = future
        self._announce(question)
        try:
            while True:
                try:
                    return future.result(timeout=0.1)
                except NotYet:
                    cancel.check()
        finally:
            with self._lock:
                self._open.pop(question.key, None)

    def offer(self, question: Question) -> Callable[[], bool]:
        """Show a question and go on; the returned function says whether it has been answered with yes."""
        future: Future[bool] = Future()
        with self._lock:
            self._open[question.key] = future
        self._announce(question)
        return lambda: future.done() and future.result()

    def withdraw(self, key: str) -> None:
        """The question has become pointless."""
        with self._lock:
            self._open.pop(key, None)

    def answer(self, key: str, value: bool) -> bool:
        """Answer the open question `key`; False where no such question is open (any more)."""
        with self._lock:
            future = self._open.get(key)
            if future is None or future.done():
                return False
            future.set_result(value)
            return True

    def is_open(self, key: str) -> bool:
        """Whether `key` waits for an answer right now."""
        with self._lock:
            return key in self._open
