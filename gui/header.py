"""The line on top: which host, practice or real, its versions; language and theme."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton

from gui.language import NAMES, Language
from gui.snapshot import Snapshot
from gui.widgets.basic import Elided, label

MODES = ("system", "light", "dark")


class Header(QFrame):
    """Signals for every wish."""

    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    leave_wanted = Signal()

    def __init__(self, language: Language) -> None:
        super().__init__()
        self.setObjectName("header")
        self._language = language
        self._snapshot: Snapshot | None = None
        self.host = Elided("brand", least=160)
        self.badge = label("", "badge")
        self.badge.setWordWrap(False)
        self.versions = Elided("quiet", least=60)
        self.leave = QPushButton()
        self.leave.clicked.connect(self.leave_wanted)
        self.language = QComboBox()
        for code, name in NAMES.items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(self.language.findData(language.code))
        self.language.currentIndexChanged.connect(lambda i: self.language_chosen.emit(self.language.itemData(i)))
        self.theme = QComboBox()
        self.theme.currentIndexChanged.connect(lambda i: self.theme_chosen.emit(MODES[i]))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        for widget in (self.host, self.badge, self.versions):
            row.addWidget(widget)
        row.addStretch(1)
        for control in (self.leave, self.language, self.theme):
            row.addWidget(control)
        self.retranslate()

    def set_host(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot
        self.leave.setVisible(snapshot is not None)
        if snapshot is None or snapshot.view is None:
            self.host.set_whole("pve-igpu")
            self.badge.hide()
            self.versions.set_whole("")
            return
        facts = snapshot.view.facts
        self.host.set_whole(facts.node if snapshot.practice else f"{snapshot.host} ({facts.node})")
        self.badge.setText(self.tr("PRACTICE – nothing real is touched"))
        self.badge.setVisible(snapshot.practice)
        versions = facts.versions
        self.versions.set_whole(
            f"PVE {versions.pve or '?'} · QEMU {versions.qemu or '?'} · Linux {versions.kernel or '?'}"
        )

    def show_theme(self, mode: str) -> None:
        """The remembered appearance, without asking for it again."""
        self.theme.blockSignals(True)
        self.theme.setCurrentIndex(MODES.index(mode) if mode in MODES else 0)
        self.theme.blockSignals(False)

    def retranslate(self) -> None:
        """Another language."""
        self.language.setAccessibleName(self.tr("Language"))
        self.theme.setAccessibleName(self.tr("Appearance"))
        chosen = max(self.theme.currentIndex(), 0)
        self.theme.blockSignals(True)
        self.theme.clear()
        self.theme.addItems([self.tr("Like the system"), self.tr("Light"), self.tr("Dark")])
        self.theme.setCurrentIndex(chosen)
        self.theme.blockSignals(False)
        self.leave.setText(self.tr("Leave this host"))
        self.leave.setAccessibleName(self.leave.text())
        self.set_host(self._snapshot)
