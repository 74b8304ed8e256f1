"""The VM's settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox

from gui.panels.form import ChoiceForm, Edit
from guide.chapters.machine import MEMORY_MINIMUM
from guide.choices import Choices
from guide.step import View


class VmForm(ChoiceForm):
    """Name, number, cores, memory, disk, storage, bus, bridge."""

    def __init__(self, view: View, choices: Choices, edited: Callable[[Edit], None]) -> None:
        super().__init__(edited)
        vm = choices.vm
        name = QLineEdit(vm.name)
        name.editingFinished.connect(lambda: self._set(name=name.text()) if name.text() != vm.name else None)
        self.row(self.tr("Name"), name)
        self._number(self.tr("Number (0: next free)"), "vmid", vm.vmid, 0, 999_999_999)
        self._number(self.tr("CPU cores"), "cores", vm.cores, 1, view.facts.cpu.threads or 128)
        self._number(self.tr("Memory (MiB)"), "memory", vm.memory, MEMORY_MINIMUM, 1 << 20, 1024)
        self._number(self.tr("Disk (GiB)"), "disk_gib", vm.disk_gib, 32, 16_384)
        disks = [storage.name for storage in view.facts.storages if "images" in storage.content]
        self._choice(self.tr("Storage of the disk"), "storage", vm.storage, disks)
        self._choice(self.tr("Network bridge"), "bridge", vm.bridge, list(view.facts.network.bridges))
        bus = QComboBox()
        bus.addItems([self.tr("VirtIO SCSI (fast)"), self.tr("SATA (needs no driver)")])
        bus.setCurrentIndex(0 if vm.disk_bus == "scsi" else 1)
        bus.currentIndexChanged.connect(lambda index: self._set(disk_bus=("scsi", "sata")[index]))
        self.row(self.tr("Disk connection"), bus)
        start = QCheckBox(self.tr("Start with the host"))
        start.setChecked(vm.start_at_boot)
        start.toggled.connect(lambda on: self._set(start_at_boot=on))
        start.setAccessibleName(start.text())
        self.form.addRow("", start)

    def _number(self, text: str, key: str, value: int, least: int, most: int, step: int = 1) -> None:
        box = QSpinBox()
        box.setRange(least, most)
        box.setSingleStep(step)
        box.setValue(value)
        box.editingFinished.connect(lambda: self._set(**{key: box.value()}) if box.value() != value else None)
        self.row(text, box)

    def _choice(self, text: str, key: str, value: str, names: list[str]) -> None:
        box = QComboBox()
        box.addItem(self.tr("automatic"), "")
        for name in names:
            box.addItem(name, name)
        box.setCurrentIndex(max(box.findData(value), 0))
        box.currentIndexChanged.connect(lambda index: self._set(**{key: box.itemData(index)}))
        self.row(text, box)

    def _set(self, **values: Any) -> None:
        self.edited(lambda choices: replace(choices, vm=replace(choices.vm, **values)))
