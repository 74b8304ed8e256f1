"""Pictures of every chapter, rendered offscreen: for the report of a headless run and for the README."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from guide.session import Session


def render_all(session: Session, folder: Path, languages: Iterable[str], themes: Iterable[str]) -> list[Path]:
    """One PNG per step, language and theme into `folder`/screenshots, from the state that the session is in."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from gui.app import application
    from gui.language import Language
    from gui.snapshot import take
    from gui.style.theme import Theme

    app = application()
    language, theme = Language(app), Theme(app)
    place = folder / "screenshots"
    place.mkdir(parents=True, exist_ok=True)
    snapshot = take(session)
    made: list[Path] = []
    for mode in themes:
        theme.set_mode("dark" if mode == "dark" else "light")
        for code in languages:
            language.choose(code)
            made += _render(session, snapshot, language, theme, place)
    return made


def _render(session: Session, snapshot: object, language: object, theme: object, place: Path) -> list[Path]:
    from PySide6.QtWidgets import QSplitter, QWidget

    from gui.header import Header
    from gui.language import Language
    from gui.snapshot import Snapshot
    from gui.step_page import StepPage
    from gui.style.theme import Theme
    from gui.widgets.basic import column
    from gui.widgets.rail import Rail

    if not (isinstance(snapshot, Snapshot) and isinstance(language, Language) and isinstance(theme, Theme)):
        raise TypeError("snapshot, language and theme of the window are needed")
    made = []
    for number, step in enumerate(session.steps, 1):
        frame = QSplitter()
        rail, page, header = Rail(language, theme), StepPage(step, language, theme), Header(language)
        for other in session.steps:
            rail.set_state(other.id, snapshot.steps[other.id].state)
        rail.select(step.id)
        page.set_snapshot(snapshot, session.choices)
        header.set_host(snapshot)
        frame.addWidget(rail)
        frame.addWidget(page)
        frame.setStretchFactor(1, 1)
        holder = QWidget()
        layout = column(holder, spacing=0)
        layout.addWidget(header)
        layout.addWidget(frame, 1)
        holder.resize(1280, 800)
        path = place / f"{number:02d}-{step.id}-{language.code}-{'dark' if theme.tokens.dark else 'light'}.png"
        holder.show()
        holder.grab().save(str(path))
        holder.hide()
        holder.deleteLater()
        made.append(path)
    return made
