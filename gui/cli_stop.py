"""Ctrl+C while the guide runs without a window: the change that is under way is finished first."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from guide.errors import Cancelled
from guide.events import Event
from guide.session import Session

ENDING = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Hears the session's events on their way to `listener`; `notice` is printed when somebody asked to stop."""

    def __init__(self, listener: Callable[[Event], None], notice: str) -> None:
        self._listener = listener
        self._notice = notice
        self._session: Session | None = None
        self._asked = False

    def __call__(self, event: Event) -> None:
        if self._asked and self._session is not None:
            # A step that began at that very moment has made itself a new token.
            self._session.cancel()
        self._listener(event)

    @contextmanager
    def guarding(self, session: Session) -> Iterator[None]:
        """The first Ctrl+C asks the session to stop, the second ends the program as everywhere."""
        self._session = session
        before = {number: signal.signal(number, self._hear) for number in ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """Between two steps. Raises `Cancelled`."""
        if self._asked:
            raise Cancelled()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        print(f"\n{self._notice}", file=sys.stderr)
        if self._session is not None:
            # Not in this thread: the signal may have come while it held the lock of that very token.
            threading.Thread(target=self._session.cancel, daemon=True).start()
