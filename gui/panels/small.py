"""The smaller forms and cards: sound yes or no, the ROM file and its verdict, how to get the host back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QPushButton, QWidget

from gui.language import Language
from gui.panels.fields import Choice, FileField
from gui.panels.form import ChoiceForm, Edit
from gui.widgets.basic import card, column, label
from guide.choices import Choices
from guide.clean import clean
from guide.message import Message
from guide.rom.describe import describe
from guide.rom.desk import RomVerdict

VERDICTS = {"yes": ("✓", "good"), "no": ("✗", "bad"), "cannot-tell": ("?", "warn")}


class DevicesForm(ChoiceForm):
    """Whether the HDMI sound goes along."""

    def __init__(self, choices: Choices, edited: Callable[[Edit], None]) -> None:
        super().__init__(edited)
        box = QCheckBox(self.tr("Hand over the HDMI sound too"))
        box.setAccessibleName(box.text())
        box.setChecked(choices.pass_audio)
        box.toggled.connect(lambda on: edited(lambda old: replace(old, pass_audio=on)))
        self.form.addRow(box)


class LaneForm(ChoiceForm):
    """Who switches on Remote Desktop."""

    def __init__(self, choices: Choices, edited: Callable[[Edit], None]) -> None:
        super().__init__(edited)
        lanes = [
            (self.tr("this program, through the guest agent"), "assisted"),
            (self.tr("I do it myself in Windows"), "manual"),
        ]

        def choose(lane: str) -> None:
            edited(lambda old: replace(old, lane=lane))  # type: ignore[arg-type]

        self.row(self.tr("Who switches it on"), Choice(lanes, choices.lane, choose))


class RomForm(ChoiceForm):
    """The ROM file."""

    def __init__(self, choices: Choices, edited: Callable[[Edit], None]) -> None:
        super().__init__(edited)
        field = FileField(
            choices.rom,
            self.tr("Choose…"),
            "ROM (*.rom *.bin);;* (*)",
            lambda value: edited(lambda old: replace(old, rom=value)),
        )
        self.row(self.tr("vBIOS ROM file"), field)


def rom_card(verdict: RomVerdict, language: Language) -> QWidget:
    """What the ROM desk says about the chosen file."""
    glyph, role = VERDICTS[verdict.fits]
    frame, layout = card(f"{role}Banner")
    verdict_word = language.catalogue.template(f"rom.verdict.{verdict.fits}")
    layout.addWidget(label(f"{glyph} {verdict_word}", "section"))
    for reason in verdict.reasons:
        layout.addWidget(label(language.say(reason)))
    for note in verdict.notes:
        layout.addWidget(label(language.say(note), "quiet"))
    grid = QGridLayout()
    grid.setColumnStretch(1, 1)
    grid.setHorizontalSpacing(14)
    for number, (name, value) in enumerate(describe(verdict.report)):
        grid.addWidget(label(language.say(name), "quiet"), number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(clean(value, 300), selectable=True), number, 1)
    grid.setColumnMinimumWidth(0, 170)
    layout.addLayout(grid)
    return frame


class SurveyPanel(QWidget):
    """To keep what the host said, for somebody who helps."""

    def __init__(self, save: Callable[[], None]) -> None:
        super().__init__()
        layout = column(self, spacing=6)
        self.button = QPushButton(self.tr("Save this survey…"))
        self.button.setAccessibleName(self.button.text())
        self.button.clicked.connect(lambda: save())
        text = self.tr("A file without passwords, serial numbers and network addresses; others can open it and help.")
        layout.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(label(text, "quiet"))


def recovery_card(language: Language) -> QWidget:
    """Our own Markdown, said before the host is restarted."""
    frame, layout = card("raised")
    text = label()
    text.setTextFormat(Qt.TextFormat.MarkdownText)
    text.setText(language.say(Message("reboot.recovery")))
    layout.addWidget(text)
    return frame
