"""The rail: all chapters and steps, each with its state in glyph and word. Clicking reads; it never acts."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.language import Language
from gui.style.theme import Theme
from guide.chapters.catalogue import CHAPTERS, STEPS
from guide.state import StepState

Index = QModelIndex | QPersistentModelIndex

STEP = Qt.ItemDataRole.UserRole
GLYPH = Qt.ItemDataRole.UserRole + 1
WORD = Qt.ItemDataRole.UserRole + 2

WIDTH = 300


class _StepDelegate(QStyledItemDelegate):
    """One line: glyph, number and short name, and at the right end the state in words."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(WIDTH, option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        step = index.data(STEP)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect.adjusted(6, 1, -6, -1)
        if selected:
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(option.palette.text(), 2) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(option.palette.highlight())
            painter.drawRoundedRect(box, 6, 6)
        brush = index.data(Qt.ItemDataRole.ForegroundRole)
        painter.setPen(option.palette.highlightedText().color() if selected else brush.color())
        font = QFont(option.font)
        font.setBold(step is None)
        painter.setFont(font)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        if step is None:
            painter.drawText(box.adjusted(8, 4, 0, 0), left | middle, index.data())
        else:
            painter.drawText(box.adjusted(10, 0, 0, 0), left | middle, index.data(GLYPH))
            word = index.data(WORD)
            room = option.fontMetrics.horizontalAdvance(word) + 20
            text = box.adjusted(32, 0, -room, 0)
            name = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, text.width())
            painter.drawText(text, left | middle, name)
            font.setPointSizeF(font.pointSizeF() * 0.9)
            painter.setFont(font)
            painter.drawText(box.adjusted(0, 0, -10, 0), right | middle, word)
        painter.restore()


class Rail(QListWidget):
    """`chosen` carries the id of a step; `entered`: Enter was pressed, the keyboard wants into the page."""

    chosen = Signal(str)
    entered = Signal()

    def __init__(self, language: Language, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("rail")
        self._language = language
        self._theme = theme
        self._states: dict[str, StepState] = {step.id: StepState.TODO for step in STEPS}
        self._items: dict[str, QListWidgetItem] = {}
        self.setMinimumWidth(WIDTH)
        self.setMaximumWidth(WIDTH + 120)
        self.setItemDelegate(_StepDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._headings: list[tuple[QListWidgetItem, int]] = []
        self._fill()
        self.currentItemChanged.connect(self._choose)
        self.itemActivated.connect(lambda _: self.entered.emit())
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
        for chapter in CHAPTERS:
            heading = QListWidgetItem()
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(heading)
            self._headings.append((heading, chapter.number))
            for step in STEPS:
                if step.chapter == chapter.number:
                    item = QListWidgetItem()
                    item.setData(STEP, step.id)
                    self.addItem(item)
                    self._items[step.id] = item

    def _show(self, step_id: str) -> None:
        step = next(step for step in STEPS if step.id == step_id)
        state = self._states[step_id]
        word = self._language.catalogue.template(f"state.{state.value}")
        item = self._items[step_id]
        item.setText(f"{step.number}  {self._language.say(step.short)}")
        item.setData(GLYPH, state.glyph)
        item.setData(WORD, word)
        item.setToolTip(self._language.say(step.title))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{step.number} {self._language.say(step.short)}: {word}")
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
