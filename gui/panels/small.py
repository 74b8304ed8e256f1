"""The smaller forms and cards: sound yes or no, the ROM file and its verdict, how to get the host back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from gui.language import Language
from gui.panels.fields import Choice, FileField
from gui.panels.form import ChoiceForm, Edit
from gui.widgets.basic import card, label
from guide.choices import Choices
from guide.message import Message
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
    frame, layout = card()
    glyph, role = VERDICTS[verdict.fits]
    for reason in verdict.reasons:
        layout.addWidget(label(f"{glyph} {language.say(reason)}", role))
    layout.addWidget(label(f"sha256 {verdict.sha256}", "quiet", selectable=True))
    return frame


def recovery_card(language: Language) -> QWidget:
    """Our own Markdown, said before the host is restarted."""
    frame, layout = card("raised")
    text = label()
    text.setTextFormat(Qt.TextFormat.MarkdownText)
    text.setText(language.say(Message("reboot.recovery")))
    layout.addWidget(text)
    return frame
