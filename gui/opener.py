"""Opens a host in the background while the window stays alive; questions of the connection come back to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gui.opening import Opened, open_practice, open_profile
from guide.errors import AppError

if TYPE_CHECKING:
    from ssh.connection import Secrets
    from ssh.hostkey import HostKeyQuestion
    from ssh.profiles import Profile
    from ssh.secret import Secret

log = logging.getLogger(__name__)


class Opener(QObject):
    """One attempt at a time, in a daemon thread. `key_asked` and `code_asked` carry a future to be answered.

    An attempt that the person gave up still ends by itself; what it opened is closed and nobody hears of it.
    """

    opened = Signal(object)
    failed = Signal(object)
    key_asked = Signal(object, object)
    code_asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._attempt = 0

    def practice(self, scenario: str) -> None:
        """Start a practice host and connect to it."""
        self._start(lambda: open_practice(scenario))

    def profile(self, profile: Profile, secrets: Secrets) -> None:
        """Connect to a real host."""
        self._start(lambda: open_profile(profile, secrets, self._ask_key, self._ask_code))

    def give_up(self) -> None:
        """Forget the attempt that is under way."""
        self._attempt += 1

    def _start(self, work: Callable[[], Opened]) -> None:
        self._attempt += 1
        attempt = self._attempt

        def run() -> None:
            try:
                opened = work()
            except AppError as error:
                self._tell(attempt, self.failed.emit, error)
            except Exception as error:
                log.exception("opening a host failed")
                self._tell(attempt, self.failed.emit, AppError(type(error).__name__))
            else:
                if not self._tell(attempt, self.opened.emit, opened):
                    opened.close()

        threading.Thread(target=run, name="connect", daemon=True).start()

    def _tell(self, attempt: int, emit: Callable[[object], None], what: object) -> bool:
        current = attempt == self._attempt
        if current:
            emit(what)
        return current

    def _ask_key(self, question: HostKeyQuestion) -> bool:
        answer: Future[bool] = Future()
        self.key_asked.emit(question, answer)
        return answer.result()

    def _ask_code(self) -> Secret:
        answer: Future[Secret] = Future()
        self.code_asked.emit(answer)
        return answer.result()
