"""The host at a glance, as a table of labels."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from gui.language import Language
from gui.widgets.basic import card, label
from guide.facts.model import Facts
from guide.message import message
from guide.overview import overview, spoken


def overview_view(facts: Facts, language: Language) -> QWidget:
    """Label and value per line; what is not known says so."""
    frame, layout = card()
    layout.addWidget(label(language.say(message("overview.title")), "section"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for number, line in enumerate(overview(facts)):
        grid.addWidget(label(language.say(line.label), "quiet"), number, 0)
        value = spoken(line, language.catalogue)
        shown = label(value or language.say(message("overview.unknown")), "" if value else "quiet", selectable=True)
        grid.addWidget(shown, number, 1)
    grid.setColumnMinimumWidth(0, 200)
    layout.addLayout(grid)
    return frame
