"""Ctrl+C in the terminal, and the system's wish that the program ends, for the window's event loop."""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupts(QObject):
    """`came` is emitted for the first one; the second ends the program at once, as everywhere.

    Qt runs outside of Python, which would look at a signal only after the next event: the byte on the socket is one
    (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd).
    """

    came = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._hear)
        self._before = {number: signal.signal(number, lambda *_: None) for number in ENDING}
        self._old_wakeup = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)

    def close(self) -> None:
        """Everything as it was before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reading.close()
        self._writing.close()

    def _hear(self) -> None:
        self._reading.recv(64)
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        self.came.emit()
