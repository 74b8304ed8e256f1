"""A saved survey, read with no host at hand: what the host is, what would leave it, what was found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QWidget

from gui.language import Language
from gui.style.theme import Theme
from gui.widgets.basic import clear, column, label
from gui.widgets.checks import findings_view
from gui.widgets.iommu_map import map_view
from gui.widgets.overview import overview_view
from guide.bundle.store import load_bundle
from guide.choices import Choices
from guide.facts.model import Facts
from guide.iommu_map import iommu_map
from guide.message import message
from guide.rules import judge


class SurveyView(QWidget):
    """Nothing can be changed here; `closed` leads back."""

    closed = Signal()

    def __init__(self, path: Path, facts: Facts, language: Language, theme: Theme) -> None:
        super().__init__()
        self._path = path
        self._facts = facts
        self._language = language
        self._theme = theme
        self.title, self.note = label("", "title"), label("", "quiet")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        body = QWidget()
        self.area.setWidget(body)
        inside = column(body, margin=24, spacing=12)
        inside.addWidget(self.title)
        inside.addWidget(self.note)
        self.content = column(spacing=12)
        inside.addLayout(self.content)
        inside.addStretch(1)
        footer = QFrame()
        footer.setObjectName("footer")
        self.back = QPushButton()
        self.back.setObjectName("primary")
        self.back.clicked.connect(self.closed)
        row = QHBoxLayout(footer)
        row.setContentsMargins(14, 10, 14, 10)
        row.addWidget(self.back)
        row.addStretch(1)
        outer = column(self, spacing=0)
        outer.addWidget(self.area, 1)
        outer.addWidget(footer)
        self.retranslate()

    def retranslate(self) -> None:
        """Another language or theme."""
        say = self._language.say
        self.title.setText(self.tr("A saved survey"))
        self.note.setText(
            self.tr("%1 – no host is connected, nothing can be changed here.").replace("%1", str(self._path))
        )
        self.back.setText(self.tr("Back to the start"))
        self.back.setAccessibleName(self.back.text())
        self.area.setAccessibleName(self.tr("The survey"))
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        clear(self.content)
        findings = judge(self._facts, Choices())
        groups = iommu_map(self._facts, Choices())
        self.content.addWidget(overview_view(self._facts, self._language))
        if groups:
            self.content.addWidget(map_view(groups, self._language))
        if findings:
            self.content.addWidget(findings_view(findings, self._language, self._theme.tokens))
        else:
            self.content.addWidget(label(say(message("survey.none")), "good"))


def read_survey(chosen: Path) -> Facts:
    """A survey file; of a folder of transcripts any text in it may be chosen. Raises `BundleUnreadable`."""
    return load_bundle(chosen.parent if chosen.suffix == ".txt" else chosen)
