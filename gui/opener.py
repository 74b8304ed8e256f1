"""Opens a host in the background while the window stays alive; questions of the connection come back to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
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
    """One attempt at a time, in a daemon thread. Its questions carry a future to be answered.

    An attempt has a number from the click on. One that the person gave up still ends by itself: what it opened is
    closed, its questions are answered with no, and nobody hears of it.
    """

    opened = Signal(object)
    failed = Signal(object)
    key_asked = Signal(int, object, object)
    code_asked = Signal(int, object)
    password_asked = Signal(int, str, str, object)
    _ended = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._attempt = 0
        self._ended.connect(self._tell)

    def begin(self) -> int:
        """The number of a new attempt; the one before is given up."""
        self._attempt += 1
        return self._attempt

    def is_current(self, attempt: int) -> bool:
        return attempt == self._attempt

    def practice(self, scenario: str) -> None:
        """Start a practice host and connect to it."""
        self._start(self.begin(), lambda: open_practice(scenario))

    def profile(self, attempt: int, profile: Profile, secrets: Secrets) -> None:
        """Connect to a real host."""
        on_key, on_code = partial(self._ask_key, attempt), partial(self._ask_code, attempt)
        on_password = partial(self._ask_password, attempt, profile.address)
        self._start(attempt, lambda: open_profile(profile, secrets, on_key, on_code, on_password))

    def give_up(self) -> None:
        """Forget the attempt that is under way."""
        self._attempt += 1

    def _start(self, attempt: int, work: Callable[[], Opened]) -> None:
        def run() -> None:
            try:
                self._ended.emit(attempt, work())
            except AppError as error:
                self._ended.emit(attempt, error)
            except Exception as error:
                log.exception("opening a host failed")
                self._ended.emit(attempt, AppError(type(error).__name__))

        threading.Thread(target=run, name="connect", daemon=True).start()

    def _tell(self, attempt: int, outcome: Opened | AppError) -> None:
        """In the window's thread, where the attempt is given up too: never between the two."""
        if isinstance(outcome, AppError):
            if self.is_current(attempt):
                self.failed.emit(outcome)
        elif self.is_current(attempt):
            self.opened.emit(outcome)
        else:
            threading.Thread(target=outcome.close, name="connect", daemon=True).start()

    def _ask_key(self, attempt: int, question: HostKeyQuestion) -> bool:
        answer: Future[bool] = Future()
        self.key_asked.emit(attempt, question, answer)
        return answer.result()

    def _ask_code(self, attempt: int) -> Secret:
        answer: Future[Secret] = Future()
        self.code_asked.emit(attempt, answer)
        return answer.result()

    def _ask_password(self, attempt: int, address: str, user: str) -> Secret:
        answer: Future[Secret] = Future()
        self.password_asked.emit(attempt, user, address, answer)
        return answer.result()
