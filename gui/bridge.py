"""From the worker's thread to the window: one queue, drained by a timer, handed out by one signal."""

from __future__ import annotations

import queue
import time

from PySide6.QtCore import QObject, QTimer, Signal

INTERVAL = 40
BUDGET = 0.008
"""Seconds per tick, so that the window stays fluent (facts: anchors.md section 7.2)."""


class Bridge(QObject):
    """`post` may be called from any thread; `arrived` is emitted in the window's with a list, in order."""

    arrived = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self._drain)
        self._timer.start()

    def post(self, event: object) -> None:
        self._queue.put(event)

    def stop(self) -> None:
        """Hand out nothing more."""
        self._timer.stop()

    def _drain(self) -> None:
        batch: list[object] = []
        end = time.monotonic() + BUDGET
        while time.monotonic() < end:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        if batch:
            self.arrived.emit(batch)
