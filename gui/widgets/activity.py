"""What runs right now: how far, how fast, how long - measured here, so that the clock also moves between two events."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from gui.language import Language
from gui.widgets.basic import column, label
from guide.events import Progress

WINDOW = 5.0
"""Seconds over which the rate is measured."""


class Activity(QWidget):
    """Hidden while nothing runs."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language
        self._began = 0.0
        self._last: Progress | None = None
        self._marks: list[tuple[float, float]] = []
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.text = label("")
        layout = column(self, spacing=4)
        layout.addWidget(self.bar)
        layout.addWidget(self.text)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._write)
        self.hide()

    def start(self) -> None:
        """Something began: an unknown length until told otherwise."""
        if not self._clock.isActive():
            self._began = time.monotonic()
            self._last = None
            self._marks = []
            self.bar.setRange(0, 0)
            self._clock.start()
            self.show()
            self._write()

    def stop(self) -> None:
        self._clock.stop()
        self.hide()

    def show_progress(self, event: Progress) -> None:
        now = time.monotonic()
        if self._last is None or self._last.change != event.change:
            self._marks = []
        self._last = event
        self._marks = [mark for mark in self._marks if now - mark[0] < WINDOW] + [(now, event.done)]
        known = bool(event.total) and event.unit in ("bytes", "percent")
        self.bar.setRange(0, 1000 if known else 0)
        if event.total and known:
            self.bar.setValue(int(1000 * event.done / event.total))
        self._write()

    def retranslate(self) -> None:
        self.bar.setAccessibleName(self.tr("Progress"))
        if self._clock.isActive():
            self._write()

    def _write(self) -> None:
        parts = [self.tr("Working for %1").replace("%1", clock(time.monotonic() - self._began))]
        event = self._last
        if event is not None:
            if event.note is not None:
                parts.insert(0, self._language.say(event.note))
            if event.unit == "bytes":
                parts[-1:] = self._bytes(event)
            elif event.unit == "percent":
                parts.append(f"{event.done:.0f} %")
        self.text.setText("  ·  ".join(parts))

    def _bytes(self, event: Progress) -> list[str]:
        total = megabytes(event.total) if event.total else "?"
        parts = [f"{megabytes(event.done)} / {total}"]
        rate = self._rate()
        if rate > 0:
            parts.append(f"{megabytes(rate)}/s")
            if event.total:
                left = clock((event.total - event.done) / rate)
                parts.append(self.tr("%1 left").replace("%1", left))
        return parts

    def _rate(self) -> float:
        (start, before), (end, now) = self._marks[0], self._marks[-1]
        return (now - before) / (end - start) if end > start else 0.0


def clock(seconds: float) -> str:
    """1:05, or 1:02:03 from an hour on."""
    minutes, second = divmod(max(int(seconds), 0), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02d}:{second:02d}" if hour else f"{minute}:{second:02d}"


def megabytes(count: float) -> str:
    """Bytes for people, in powers of ten."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
