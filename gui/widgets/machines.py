"""The practice machines, under headings: each with its name and what is special about it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from practice.scenario import GROUPS, Listed

NAME = Qt.ItemDataRole.UserRole
DASHES = (" - ", "——")


class MachineList(QListWidget):
    """One machine is always marked; headings cannot be."""

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(True)

    def show_machines(self, machines: list[Listed], chosen: str) -> None:
        """All of them, group by group; `chosen` is marked and in sight."""
        self.clear()
        for group in GROUPS:
            self._add_heading(heading(group))
            for machine in machines:
                if machine.group == group:
                    item = QListWidgetItem(in_two_lines(machine.title))
                    item.setData(NAME, machine.name)
                    item.setToolTip(machine.name)
                    self.addItem(item)
        self.choose(chosen)

    def choose(self, name: str) -> None:
        """Mark a machine; the first one where there is none of that name."""
        items = [self.item(row) for row in range(self.count()) if self.item(row).data(NAME)]
        item = next((item for item in items if item.data(NAME) == name), items[0])
        self.setCurrentItem(item)
        self.scrollToItem(item, QAbstractItemView.ScrollHint.PositionAtCenter)

    def chosen(self) -> str:
        """The name of the marked machine; "" before there are any."""
        item = self.currentItem()
        return str(item.data(NAME)) if item is not None else ""

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = self.font()
        font.setBold(True)
        item.setFont(font)
        self.addItem(item)


def heading(group: str) -> str:
    """The words above a group of machines."""
    return {
        "release": QCoreApplication.translate("MachineList", "Releases of Proxmox VE"),
        "hardware": QCoreApplication.translate("MachineList", "Other hardware"),
        "state": QCoreApplication.translate("MachineList", "Hosts that are not as installed"),
    }[group]


def in_two_lines(title: str) -> str:
    """What the machine is, and below it what is special: the titles have a dash between."""
    for dash in DASHES:
        if dash in title:
            return "\n".join(title.split(dash, 1))
    return title
