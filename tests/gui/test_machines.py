"""The list of practice machines."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.widgets.machines import MachineList, in_two_lines
from practice.scenario import list_scenarios


@pytest.fixture
def machines(qtbot: QtBot) -> MachineList:
    made = MachineList()
    qtbot.addWidget(made)
    made.show_machines(list_scenarios("en"), "n100-pve84")
    return made


def test_all_are_there_below_three_headings(machines: MachineList) -> None:
    items = [machines.item(row) for row in range(machines.count())]
    names = [item.data(Qt.ItemDataRole.UserRole) for item in items]
    assert [name for name in names if name] == [machine.name for machine in list_scenarios()]
    assert [item.text() for item in items if not item.data(Qt.ItemDataRole.UserRole)] == [
        "Releases of Proxmox VE",
        "Other hardware",
        "Hosts that are not as installed",
    ]


def test_one_is_always_marked_and_headings_are_passed_over(machines: MachineList, qtbot: QtBot) -> None:
    assert machines.chosen() == "n100-pve84"
    machines.choose("nothing of that name")
    assert machines.chosen() == list_scenarios()[0].name
    last = max(row for row, machine in enumerate(list_scenarios()) if machine.group == "release")
    machines.choose(list_scenarios()[last].name)
    qtbot.keyClick(machines, Qt.Key.Key_Down)
    assert machines.chosen() == list_scenarios()[last + 1].name


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_title_is_short_enough_for_its_two_lines(language: str) -> None:
    for machine in list_scenarios(language):
        lines = in_two_lines(machine.title).split("\n")
        assert len(lines) <= 2
        assert max(map(len, lines)) <= 110, machine.name
