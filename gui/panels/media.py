"""Where the two ISO files come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QLineEdit, QWidget

from gui.panels.fields import Choice, FileField
from gui.panels.form import ChoiceForm, Edit
from gui.widgets.basic import clear, column
from guide.choices import Choices, IsoSource
from guide.step import View

Keep = Callable[[IsoSource], None]


class MediaForm(ChoiceForm):
    """A source and a value for each disc, and the storage for those that are brought."""

    def __init__(self, view: View, choices: Choices, edited: Callable[[Edit], None]) -> None:
        super().__init__(edited)
        self._stored = [(iso.volid, iso.volid) for iso in view.facts.isos]
        windows, drivers = self.tr("Windows disc"), self.tr("Driver disc (virtio-win)")
        self._disc(windows, choices.windows_iso, lambda old, new: replace(old, windows_iso=new))
        self._disc(drivers, choices.virtio_iso, lambda old, new: replace(old, virtio_iso=new))
        takers = [(storage.name, storage.name) for storage in view.facts.storages if "iso" in storage.content]
        options = [(self.tr("automatic"), ""), *takers]
        self.row(self.tr("Storage for the discs"), Choice(options, choices.vm.iso_storage, self._set_storage))

    def _set_storage(self, name: str) -> None:
        self.edited(lambda old: replace(old, vm=replace(old.vm, iso_storage=name)))

    def _disc(self, title: str, source: IsoSource, put: Callable[[Choices, IsoSource], Choices]) -> None:
        """`put` says where in the choices the source belongs."""
        place = QWidget()
        inside = column(place)

        def keep(new: IsoSource) -> None:
            self.edited(lambda old: put(old, new))

        def show(new: IsoSource) -> None:
            clear(inside)
            value = self._value(new, keep)
            place.setVisible(value is not None)
            if value is not None:
                value.setAccessibleName(self.tr("Which one: %1").replace("%1", title))
                inside.addWidget(value)

        def choose(kind: str) -> None:
            chosen = IsoSource(kind)  # type: ignore[arg-type]
            show(chosen)
            keep(chosen)

        kinds = [
            (self.tr("the one that is stored"), "auto"),
            (self.tr("a stored ISO"), "stored"),
            (self.tr("a file on this computer"), "upload"),
            (self.tr("downloaded by the host"), "download"),
        ]
        self.row(title, Choice(kinds, source.kind, choose))
        self.form.addRow("", place)
        show(source)

    def _value(self, source: IsoSource, keep: Keep) -> QWidget | None:
        def save(value: str) -> None:
            keep(replace(source, value=value.strip()))

        if source.kind == "upload":
            return FileField(source.value, self.tr("Choose…"), "ISO (*.iso *.img);;* (*)", save)
        if source.kind == "stored":
            return Choice([("", ""), *self._stored], source.value, save)
        if source.kind == "download":
            edit = QLineEdit(source.value)
            edit.setPlaceholderText("https://…")
            edit.editingFinished.connect(lambda: save(edit.text()))
            return edit
        return None
