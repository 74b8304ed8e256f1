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

SPEED = 60.0


@pytest.fixture
def language_code() -> str:
    return "en"


@pytest.fixture
def window(
    qtbot: QtBot, qapp: QApplication, language_code: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr(opener, "open_practice", partial(open_practice, speed=SPEED))
    made = MainWindow(Language(qapp, language_code), Theme(qapp))
    qtbot.addWidget(made)
    made.show()
    made.entrance.load_hosts()
    yield made
    made.close_host()
    made.entrance.close()
