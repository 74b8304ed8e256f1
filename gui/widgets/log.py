"""The log drawer: batched rows, search, level filter, follow, copy, save. The host's voice is set off from ours."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
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
    QToolButton,
    QWidget,
)

from gui.language import Language
from gui.style.theme import Theme, mono_font
from gui.widgets.basic import Elided, column, show_role
from gui.widgets.failure import CALM
from guide.events import Failed, Level, LogLine

Index = QModelIndex | QPersistentModelIndex
QWIDGETSIZE_MAX = (1 << 24) - 1
"""Qt's own "no limit"; PySide6 does not export it."""

LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
ROLE = Qt.ItemDataRole


def level_of(row: LogLine | Failed) -> Level:
    """How bad a row is; what the person decided is no error."""
    if isinstance(row, LogLine):
        return row.level
    return "warning" if row.code in CALM else "error"


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

    @property
    def newest(self) -> LogLine | Failed | None:
        return self._rows[-1] if self._rows else None

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
            return LEVELS.index(level_of(row))
        return None

    def text(self, row: LogLine | Failed) -> str:
        """The row in words."""
        if isinstance(row, Failed):
            return f"{self._language.catalogue.error(row).line}  {row.detail}".strip()
        if row.message is None:
            return f"| {row.text}"
        return " ".join(part for part in (row.source, self._language.say(row.message), row.text) if part)

    def lines(self) -> list[str]:
        """Everything, in order, for copying and saving."""
        return [f"{self._time(row)} {self._voice(row):6} {self.text(row)}" for row in self._rows]

    def _time(self, row: LogLine | Failed) -> str:
        return time.strftime("%H:%M:%S", time.localtime(row.at)) if row.at else ""

    def _voice(self, row: LogLine | Failed) -> str:
        if isinstance(row, Failed):
            return "!" if row.code in CALM else "✗"
        return row.source or "host" if row.voice == "host" else "pve-igpu"

    def _colour(self, row: LogLine | Failed, column: int) -> str:
        tokens = self._theme.tokens
        if level_of(row) == "error":
            return tokens.bad
        if level_of(row) == "warning" and (isinstance(row, Failed) or row.voice == "app"):
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
    """The drawer below the page; Ctrl+L opens and closes it, Ctrl+F searches. `told`: what became of saving it, and
    whether that is good or bad."""

    told = Signal(str, str)

    def __init__(self, language: Language, theme: Theme) -> None:
        super().__init__()
        self.model = LogModel(language, theme)
        self._filter = _Filter()
        self._filter.setSourceModel(self.model)
        self.view = self._table()
        self.toggle = QToolButton()
        self.toggle.setCheckable(True)
        self.toggle.setChecked(True)
        self.toggle.setArrowType(Qt.ArrowType.DownArrow)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.toggled.connect(self._open)
        self.last = Elided("quiet", least=60)
        self.last.hide()
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter.set_wanted)
        self.level = QComboBox()
        self.level.currentIndexChanged.connect(self._filter.set_least)
        self.follow, self.copy, self.save = QPushButton(), QPushButton(), QPushButton()
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.follow.toggled.connect(lambda on: self.view.scrollToBottom() if on else None)
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._save)
        self._controls = (self.search, self.level, self.follow, self.copy, self.save)
        row = QHBoxLayout()
        row.addWidget(self.toggle)
        row.addWidget(self.last, 1)
        row.addWidget(self.search, 1)
        for widget in self._controls[1:]:
            row.addWidget(widget)
        layout = column(self, margin=8, spacing=6)
        layout.addLayout(row)
        layout.addWidget(self.view)
        QShortcut(QKeySequence.StandardKey.Find, self, self._find)
        QShortcut(QKeySequence("Ctrl+L"), self, self.toggle.toggle)
        self.retranslate()

    def append(self, rows: list[LogLine | Failed]) -> None:
        """Add rows; stay at the end while following."""
        self.model.append(rows)
        self._show_last()
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
        self.toggle.setText(self.tr("Log"))
        self.toggle.setAccessibleName(self.tr("Show or hide the log (Ctrl+L)"))
        self.toggle.setToolTip(self.toggle.accessibleName())
        self.model.refresh()
        self._show_last()

    def _table(self) -> QTableView:
        view = QTableView()
        view.setModel(self._filter)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 5)
        view.horizontalHeader().hide()
        view.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        for column_number in (0, 1):
            view.setColumnWidth(column_number, view.fontMetrics().horizontalAdvance("00:00:00 00"))
        return view

    def _open(self, is_open: bool) -> None:
        self.toggle.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        for widget in (*self._controls, self.view):
            widget.setVisible(is_open)
        self.last.setVisible(not is_open)
        self.setMaximumHeight(QWIDGETSIZE_MAX if is_open else self.toggle.sizeHint().height() + 16)

    def _find(self) -> None:
        self.toggle.setChecked(True)
        self.search.setFocus()
        self.search.selectAll()

    def _show_last(self) -> None:
        """The newest line, for when the drawer is closed."""
        row = self.model.newest
        if row is not None:
            self.last.set_whole(self.model.text(row))
            show_role(self.last, "bad" if level_of(row) == "error" else "quiet")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self.model.lines()))

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the log"), "pve-igpu-log.txt")
        if not name:
            return
        try:
            Path(name).write_text("\n".join(self.model.lines()) + "\n", encoding="utf-8")
        except OSError as error:
            self.told.emit(f"{name}: {error.strerror or error}", "bad")
            return
        self.told.emit(self.tr("The log was saved: %1").replace("%1", name), "good")
