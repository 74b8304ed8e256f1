"""The rail: all chapters and steps, each with its state in glyph and word. Clicking reads; it never acts."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.language import Language
from gui.style.theme import Theme
from guide.chapters.catalogue import CHAPTERS, STEPS
from guide.state import StepState

Index = QModelIndex | QPersistentModelIndex

STEP = Qt.ItemDataRole.UserRole
GLYPH = Qt.ItemDataRole.UserRole + 1
WORD = Qt.ItemDataRole.UserRole + 2


class _StepDelegate(QStyledItemDelegate):
    """Glyph, title in one line (cut where it is too long; the page shows it whole), state word below it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if index.data(STEP) is None:
            super().paint(painter, option, index)
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(option.rect, option.palette.highlight())
        brush = index.data(Qt.ItemDataRole.ForegroundRole)
        colour = option.palette.highlightedText().color() if selected else brush.color()
        painter.setPen(colour)
        box = option.rect.adjusted(14, 2, -8, -2)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, index.data(GLYPH))
        text = box.adjusted(22, 0, 0, 0)
        title = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, title)
        small = QFont(option.font)
        small.setPointSizeF(small.pointSizeF() * 0.85)
        painter.setFont(small)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, index.data(WORD))
        painter.restore()


class Rail(QListWidget):
    """`chosen` carries the id of a step."""

    chosen = Signal(str)

    def __init__(self, language: Language, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("rail")
        self._language = language
        self._theme = theme
        self._states: dict[str, StepState] = {step.id: StepState.TODO for step in STEPS}
        self._items: dict[str, QListWidgetItem] = {}
        self.setMinimumWidth(335)
        self.setMaximumWidth(430)
        self.setItemDelegate(_StepDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._headings: list[tuple[QListWidgetItem, int]] = []
        self._fill()
        self.currentItemChanged.connect(self._choose)
        self.retranslate()

    def select(self, step_id: str) -> None:
        self.setCurrentItem(self._items[step_id])

    def set_state(self, step_id: str, state: StepState) -> None:
        self._states[step_id] = state
        self._show(step_id)

    def retranslate(self) -> None:
        """Another language or theme."""
        self.setAccessibleName(self.tr("Chapters and steps"))
        for item, number in self._headings:
            chapter = CHAPTERS[number]
            item.setText(f"{number}  {self._language.say(chapter.title)}")
            item.setForeground(QBrush(QColor(self._theme.tokens.quiet)))
        for step in STEPS:
            self._show(step.id)

    def _fill(self) -> None:
        bold = QFont(self.font())
        bold.setBold(True)
        for chapter in CHAPTERS:
            heading = QListWidgetItem()
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setFont(bold)
            heading.setSizeHint(QSize(240, 30))
            self.addItem(heading)
            self._headings.append((heading, chapter.number))
            for step in STEPS:
                if step.chapter == chapter.number:
                    item = QListWidgetItem()
                    item.setData(STEP, step.id)
                    item.setSizeHint(QSize(240, 34))
                    self.addItem(item)
                    self._items[step.id] = item

    def _show(self, step_id: str) -> None:
        step = next(step for step in STEPS if step.id == step_id)
        state = self._states[step_id]
        word = self._language.catalogue.template(f"state.{state.value}")
        item = self._items[step_id]
        item.setText(f"{step.number}  {self._language.say(step.title)}")
        item.setData(GLYPH, state.glyph)
        item.setData(WORD, word)
        item.setToolTip(self._language.say(step.title))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{step.number} {self._language.say(step.title)}: {word}")
        item.setForeground(QBrush(QColor(self._colour(state))))

    def _colour(self, state: StepState) -> str:
        tokens = self._theme.tokens
        special = {
            StepState.DONE: tokens.good,
            StepState.FAILED: tokens.bad,
            StepState.NEEDS_YOU: tokens.warn,
            StepState.RUNNING: tokens.accent,
            StepState.READY: tokens.accent,
        }
        return special.get(state, tokens.text)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(STEP):
            self.chosen.emit(item.data(STEP))
