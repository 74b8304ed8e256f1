"""The log drawer: batched rows, search, level filter, follow, copy, save. The host's voice is set off from ours."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QWidget,
)

from gui.language import Language
from gui.style.theme import Theme, mono_font
from gui.widgets.basic import column
from guide.events import Failed, LogLine

Index = QModelIndex | QPersistentModelIndex
LEVELS = ("debug", "info", "warning", "error")
ROLE = Qt.ItemDataRole


class LogModel(QAbstractTableModel):
    """Rows: time, who speaks, text. Our own messages are rendered in the language of the moment."""

    def __init__(self, language: Language, theme: Theme) -> None:
        super().__init__()
        self._language = language
        self._theme = theme
        self._rows: list[LogLine | Failed] = []

    def append(self, rows: list[LogLine | Failed]) -> None:
        first = len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._rows += rows
        self.endInsertRows()

    def refresh(self) -> None:
        """Another language or theme."""
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 2))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 3

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role in (ROLE.DisplayRole, ROLE.AccessibleTextRole):
            return (self._time(row), self._voice(row), self.text(row))[index.column()]
        if role == ROLE.ForegroundRole:
            return QColor(self._colour(row, index.column()))
        if role == ROLE.FontRole and index.column() == 2 and isinstance(row, LogLine) and row.voice == "host":
            return mono_font(9)
        if role == ROLE.UserRole:
            return LEVELS.index(row.level) if isinstance(row, LogLine) else len(LEVELS) - 1
        return None

    def text(self, row: LogLine | Failed) -> str:
        """The row in words."""
        if isinstance(row, Failed):
            what = self._language.catalogue.error(row.code, dict(row.params)).what
            return f"{what}  {row.detail}".strip()
        return self._language.say(row.message) if row.message else f"| {row.text}"

    def lines(self) -> list[str]:
        """Everything, in order, for copying and saving."""
        return [f"{self._time(row)} {self._voice(row):6} {self.text(row)}" for row in self._rows]

    def _time(self, row: LogLine | Failed) -> str:
        return time.strftime("%H:%M:%S", time.localtime(row.at)) if row.at else ""

    def _voice(self, row: LogLine | Failed) -> str:
        if isinstance(row, Failed):
            return "✗"
        return row.source or "host" if row.voice == "host" else "pve-igpu"

    def _colour(self, row: LogLine | Failed, column: int) -> str:
        tokens = self._theme.tokens
        if isinstance(row, Failed) or row.level == "error":
            return tokens.bad
        if row.level == "warning" and row.voice == "app":
            return tokens.warn
        return tokens.quiet if column < 2 else tokens.text


class _Filter(QSortFilterProxyModel):
    def __init__(self) -> None:
        super().__init__()
        self._least = 0
        self._wanted = ""

    def set_least(self, level: int) -> None:
        self._least = level
        self.invalidateFilter()

    def set_wanted(self, text: str) -> None:
        self._wanted = text.lower()
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        if int(model.data(model.index(row, 2), ROLE.UserRole)) < self._least:
            return False
        return not self._wanted or self._wanted in str(model.data(model.index(row, 2))).lower()


class LogDrawer(QWidget):
    """The drawer below the page."""

    def __init__(self, language: Language, theme: Theme) -> None:
        super().__init__()
        self.model = LogModel(language, theme)
        self._filter = _Filter()
        self._filter.setSourceModel(self.model)
        self.view = QTableView()
        self.view.setModel(self._filter)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setShowGrid(False)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(20)
        self.view.horizontalHeader().hide()
        self.view.setColumnWidth(0, 74)
        self.view.setColumnWidth(1, 74)
        self.view.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.view.setTabKeyNavigation(False)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter.set_wanted)
        self.level = QComboBox()
        self.level.currentIndexChanged.connect(self._filter.set_least)
        self.follow = QPushButton()
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.copy = QPushButton()
        self.copy.clicked.connect(self._copy)
        self.save = QPushButton()
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        row.addWidget(self.search, 1)
        for widget in (self.level, self.follow, self.copy, self.save):
            row.addWidget(widget)
        layout = column(self, margin=8, spacing=6)
        layout.addLayout(row)
        layout.addWidget(self.view)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        self.retranslate()

    def append(self, rows: list[LogLine | Failed]) -> None:
        """Add rows; stay at the end while following."""
        self.model.append(rows)
        if self.follow.isChecked():
            self.view.scrollToBottom()

    def retranslate(self) -> None:
        """Another language."""
        self.search.setPlaceholderText(self.tr("Search the log (Ctrl+F)"))
        self.search.setAccessibleName(self.tr("Search the log (Ctrl+F)"))
        self.view.setAccessibleName(self.tr("Log"))
        chosen = max(self.level.currentIndex(), 0)
        self.level.blockSignals(True)
        self.level.clear()
        self.level.addItems([self.tr("Everything"), self.tr("Information"), self.tr("Warnings"), self.tr("Errors")])
        self.level.setCurrentIndex(chosen)
        self.level.blockSignals(False)
        self.level.setAccessibleName(self.tr("Which lines to show"))
        for button, text in (
            (self.follow, self.tr("Follow")),
            (self.copy, self.tr("Copy")),
            (self.save, self.tr("Save…")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self.model.refresh()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self.model.lines()))

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the log"), "pve-igpu-log.txt")
        if name:
            Path(name).write_text("\n".join(self.model.lines()) + "\n", encoding="utf-8")
