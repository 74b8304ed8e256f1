"""Pictures of every step before and after it ran, rendered offscreen: for the report of a headless run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from guide.session import Session

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.language import Language
    from gui.snapshot import Snapshot
    from gui.style.theme import Theme

SIZE = (1280, 800)


class Photographer:
    """Renders the pages of a session into PNG files; there is no window and no event loop."""

    def __init__(self, folder: Path, languages: Iterable[str], themes: Iterable[str]) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from gui.app import application
        from gui.language import Language
        from gui.style.theme import Theme

        app = application()
        self._language, self._theme = Language(app), Theme(app)
        self._looks = [(code, mode) for mode in themes for code in languages]
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Leave the application without a translation."""
        self._language.choose("en")

    def take(self, session: Session, step_id: str, moment: str) -> list[Path]:
        """`moment` ("before", "after") goes into the file names: 03-cmdline-before-en-light.png."""
        from gui.snapshot import take

        snapshot = take(session)
        number = 1 + [step.id for step in session.steps].index(step_id)
        made = []
        for code, mode in self._looks:
            self._theme.set_mode("dark" if mode == "dark" else "light")
            self._language.choose(code)
            path = self._folder / f"{number:02d}-{step_id}-{moment}-{code}-{mode}.png"
            page = _compose(session, snapshot, step_id, self._language, self._theme)
            _save(page, path)
            made.append(path)
        return made


def _compose(session: Session, snapshot: Snapshot, step_id: str, language: Language, theme: Theme) -> QWidget:
    """Header, rail and page, as in the window."""
    from PySide6.QtWidgets import QSplitter, QWidget

    from gui.header import Header
    from gui.step_page import StepPage
    from gui.widgets.basic import column
    from gui.widgets.rail import Rail

    ids = [step.id for step in session.steps]
    onward = next(iter(session.steps[ids.index(step_id) + 1 :]), None)
    page = StepPage(session.step(step_id), onward, language, theme)
    rail, header = Rail(language, theme), Header(language)
    for step in session.steps:
        rail.set_state(step.id, snapshot.steps[step.id].state)
    rail.select(step_id)
    page.set_snapshot(snapshot, session.choices)
    header.set_host(snapshot)
    middle = QSplitter()
    middle.addWidget(rail)
    middle.addWidget(page)
    middle.setStretchFactor(1, 1)
    whole = QWidget()
    layout = column(whole, spacing=0)
    layout.addWidget(header)
    layout.addWidget(middle, 1)
    return whole


def _save(widget: QWidget, path: Path) -> None:
    from PySide6.QtCore import QCoreApplication

    widget.resize(*SIZE)
    widget.show()
    # Layouts settle by posted events: wrapped labels need a second round.
    for _ in range(3):
        QCoreApplication.sendPostedEvents()
    widget.grab().save(str(path))
    widget.close()
    widget.deleteLater()
