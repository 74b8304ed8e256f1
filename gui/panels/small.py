"""The smaller forms: sound yes or no, the ROM file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QCheckBox

from gui.language import Language
from gui.panels.fields import FileField
from gui.panels.form import ChoiceForm, Edit
from gui.widgets.basic import label
from guide.chapters.passthrough import rom_verdict
from guide.choices import Choices
from guide.step import View

ROLES = {"yes": "good", "no": "bad", "cannot-tell": "warn"}


class DevicesForm(ChoiceForm):
    """Whether the HDMI sound goes along."""

    def __init__(self, choices: Choices, edited: Callable[[Edit], None]) -> None:
        super().__init__(edited)
        box = QCheckBox(self.tr("Hand over the HDMI sound too"))
        box.setAccessibleName(box.text())
        box.setChecked(choices.pass_audio)
        box.toggled.connect(lambda on: edited(lambda old: replace(old, pass_audio=on)))
        self.form.addRow(box)


class RomForm(ChoiceForm):
    """The ROM file and what the ROM desk says about it."""

    def __init__(self, view: View, choices: Choices, edited: Callable[[Edit], None], language: Language) -> None:
        super().__init__(edited)
        field = FileField(
            choices.rom,
            self.tr("Choose…"),
            "ROM (*.rom *.bin);;* (*)",
            lambda value: edited(lambda old: replace(old, rom=value)),
        )
        self.row(self.tr("vBIOS ROM file"), field)
        verdict = rom_verdict(view)
        for reason in verdict.reasons if verdict else ():
            self.form.addRow("", label(language.say(reason), ROLES[verdict.fits] if verdict else ""))
