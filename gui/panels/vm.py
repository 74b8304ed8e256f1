"""The VM's settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QCheckBox, QLineEdit

from gui.panels.fields import Choice, Number
from gui.panels.form import ChoiceForm, Edit
from guide.chapters.machine import MEMORY_MINIMUM
from guide.choices import Choices
from guide.step import View

FIRST_NUMBER = 100
"""PVE numbers its VMs 100 to 999999999 (facts: pve.md 3); one less stands for the next free one."""


class VmForm(ChoiceForm):
    """Name, number, cores, memory, disk, storage, bus, bridge."""

    def __init__(self, view: View, choices: Choices, edited: Callable[[Edit], None]) -> None:
        super().__init__(edited)
        vm = choices.vm
        name = QLineEdit(vm.name)
        name.editingFinished.connect(lambda: self._set(name=name.text().strip()))
        self.row(self.tr("Name"), name)
        number = Number(max(vm.vmid, FIRST_NUMBER - 1), FIRST_NUMBER - 1, 999_999_999, self._set_number)
        number.setSpecialValueText(self.tr("the next free one"))
        self.row(self.tr("Number"), number)
        self._number(self.tr("CPU cores"), "cores", vm.cores, 1, view.facts.cpu.threads or 128)
        self._number(self.tr("Memory (MiB)"), "memory", vm.memory, MEMORY_MINIMUM, 1 << 20, 1024)
        self._number(self.tr("Disk (GiB)"), "disk_gib", vm.disk_gib, 32, 16_384)
        disks = [storage.name for storage in view.facts.storages if "images" in storage.content]
        self._choice(self.tr("Storage of the disk"), "storage", vm.storage, self._names(disks))
        self._choice(self.tr("Network bridge"), "bridge", vm.bridge, self._names(view.facts.network.bridges))
        buses = [(self.tr("VirtIO SCSI (fast)"), "scsi"), (self.tr("SATA (needs no driver)"), "sata")]
        self._choice(self.tr("Disk connection"), "disk_bus", vm.disk_bus, buses)
        start = QCheckBox(self.tr("Start with the host"))
        start.setAccessibleName(start.text())
        start.setChecked(vm.start_at_boot)
        start.toggled.connect(lambda on: self._set(start_at_boot=on))
        self.form.addRow("", start)

    def _names(self, names: Any) -> list[tuple[str, str]]:
        return [(self.tr("automatic"), ""), *((name, name) for name in names)]

    def _number(self, text: str, key: str, value: int, least: int, most: int, step: int = 1) -> None:
        self.row(text, Number(value, least, most, lambda new: self._set(**{key: new}), step))

    def _choice(self, text: str, key: str, value: str, options: list[tuple[str, str]]) -> None:
        self.row(text, Choice(options, value, lambda new: self._set(**{key: new})))

    def _set_number(self, number: int) -> None:
        self._set(vmid=number if number >= FIRST_NUMBER else 0)

    def _set(self, **values: Any) -> None:
        self.edited(lambda choices: replace(choices, vm=replace(choices.vm, **values)))
