"""Where the two ISO files come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from gui.panels.fields import FileField
from gui.panels.form import ChoiceForm, Edit
from guide.choices import Choices, IsoSource
from guide.step import View

KINDS = ("auto", "stored", "upload", "download")


class MediaForm(ChoiceForm):
    """A source and a value for each disc; stored discs are offered by name."""

    def __init__(self, view: View, choices: Choices, edited: Callable[[Edit], None]) -> None:
        super().__init__(edited)
        stored = [iso.volid for iso in view.facts.isos]
        self._disc(self.tr("Windows disc"), choices.windows_iso, stored, self._set_windows)
        self._disc(self.tr("Driver disc (virtio-win)"), choices.virtio_iso, stored, self._set_virtio)

    def _disc(self, title: str, source: IsoSource, stored: list[str], save: Callable[[IsoSource], None]) -> None:
        kind = QComboBox()
        words = (
            self.tr("the one that is stored"),
            self.tr("a stored ISO"),
            self.tr("a file on this computer"),
            self.tr("downloaded by the host"),
        )
        kind.addItems(list(words))
        kind.setCurrentIndex(KINDS.index(source.kind))
        kind.currentIndexChanged.connect(lambda index: save(IsoSource(KINDS[index])))  # type: ignore[arg-type]
        self.row(title, kind)
        field = self._value(source, stored, save)
        if field is not None:
            self.row(self.tr("Which one"), field)

    def _value(self, source: IsoSource, stored: list[str], save: Callable[[IsoSource], None]) -> QWidget | None:
        def keep(value: str) -> None:
            save(replace(source, value=value))

        if source.kind == "upload":
            return FileField(source.value, self.tr("Choose…"), "ISO (*.iso *.img)", keep)
        if source.kind == "stored":
            box = QComboBox()
            box.addItems(["", *stored])
            box.setCurrentText(source.value)
            box.currentTextChanged.connect(keep)
            return box
        if source.kind == "download":
            edit = QLineEdit(source.value)
            edit.setPlaceholderText("https://…")
            edit.editingFinished.connect(lambda: keep(edit.text()) if edit.text() != source.value else None)
            return edit
        return None

    def _set_windows(self, source: IsoSource) -> None:
        self.edited(lambda choices: replace(choices, windows_iso=source))

    def _set_virtio(self, source: IsoSource) -> None:
        self.edited(lambda choices: replace(choices, virtio_iso=source))
