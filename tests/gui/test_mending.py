"""A finding's remedy and the check after an upgrade, by clicking."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.guide_view import GuideView
from gui.window import MainWindow
from guide.state import StepState
from practice.host import PracticeHost
from tests.gui.test_walk import PATIENCE, open_guide, run_step
from tests.practice.test_guide import GUIDE_ARGS

pytestmark = pytest.mark.timeout(240)

FOREIGN = "/etc/modprobe.d/other-tool.conf"


def button(guide: GuideView, step: str, start: str) -> QPushButton:
    found = [item for item in guide.page[step].findChildren(QPushButton) if item.text().startswith(start)]
    assert len(found) == 1
    assert found[0].accessibleName().startswith(start)
    return found[0]


def click(guide: GuideView, qtbot: QtBot, step: str, start: str) -> None:
    qtbot.mouseClick(button(guide, step, start), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)


def test_a_remedy_is_planned_shown_and_applied(
    window: MainWindow, qtbot: QtBot, practice_hosts: list[PracticeHost]
) -> None:
    guide = open_guide(window, qtbot)
    fs = practice_hosts[-1].machine.fs
    fs.put(FOREIGN, "options vfio-pci ids=8086:46d1 disable_vga=1\n")
    guide.controller.survey()
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
    guide.rail.select("check")
    page = guide.page["check"]
    click(guide, qtbot, "check", "Plan this remedy")
    assert "disable_vga=1" in fs.text(FOREIGN), "a plan changes nothing"
    assert page.action_row.primary.text() == "Apply the remedies, then read again"
    click(guide, qtbot, "check", "✓ Planned below")
    assert page.action_row.primary.text() == "Read the host"
    click(guide, qtbot, "check", "Plan this remedy")
    run_step(guide, qtbot, "check")
    assert fs.text(FOREIGN) == "options vfio-pci ids=8086:46d1\n"


def test_check_again_after_an_upgrade(window: MainWindow, qtbot: QtBot, practice_hosts: list[PracticeHost]) -> None:
    guide = open_guide(window, qtbot)
    fs = practice_hosts[-1].machine.fs
    fs.put("/usr/share/kvm/old.rom", b"\x55\xaaIgdLegacyModeDisplay")
    lines = ["name: old", "vga: none", "hostpci0: 0000:00:02.0,legacy-igd=1,romfile=old.rom", f"args: {GUIDE_ARGS}"]
    fs.put("/etc/pve/qemu-server/120.conf", "\n".join([*lines, ""]))
    guide.rail.select("done")
    click(guide, qtbot, "done", "Check again")
    assert any("fits QEMU 9.0" in text for text in texts(guide))
    practice_hosts[-1].machine.scenario.table["pve"]["qemu"] = "10.1.2-4"
    click(guide, qtbot, "done", "Check again")
    assert any("does not fit QEMU 10.1.2-4" in text for text in texts(guide))
    assert guide.controller.snapshot is not None
    assert guide.controller.snapshot.steps["done"].state is StepState.TODO


def texts(guide: GuideView) -> list[str]:
    page = guide.page["done"]
    return [item.text() for item in page.findChildren(type(page.title))]
