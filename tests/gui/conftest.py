"""The real window on a fast practice host."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import opener
from gui.language import Language
from gui.opening import open_practice
from gui.style.theme import Theme
from gui.window import MainWindow
from practice.host import Access, PracticeHost

SPEED = 60.0


@pytest.fixture
def language_code() -> str:
    return "en"


@pytest.fixture
def language(qapp: QApplication, language_code: str) -> Iterator[Language]:
    """Its translators end with the test, or the next one would be in its language."""
    made = Language(qapp, language_code)
    yield made
    made.choose("en")


@pytest.fixture
def practice_hosts(monkeypatch: pytest.MonkeyPatch) -> list[PracticeHost]:
    """Those that the window has started, the newest last."""
    started: list[PracticeHost] = []
    start = PracticeHost.start

    def recorded(host: PracticeHost) -> Access:
        started.append(host)
        return start(host)

    monkeypatch.setattr(PracticeHost, "start", recorded)
    return started


@pytest.fixture
def window(
    qtbot: QtBot, qapp: QApplication, language: Language, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr(opener, "open_practice", partial(open_practice, speed=SPEED))
    made = MainWindow(language, Theme(qapp))
    # A test that failed in the middle of a change would be asked whether to leave, for ever.
    qtbot.addWidget(made, before_close_func=MainWindow.quit_unasked)
    made.show()
    made.entrance.load_hosts()
    yield made
    made.close_host()
    made.entrance.close()
