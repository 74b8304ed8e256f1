"""The log drawer tells the whole story: what begins, what the host says, what was seen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.log_rows import rows_of
from gui.panels.console import ConsolePanel
from gui.window import MainWindow
from guide.events import StateChanged
from guide.state import StepState
from tests.gui.test_walk import open_guide, run_step


def test_changes_host_words_and_verdicts_are_in_the_log_in_order(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    for step_id in ("connect", "check", "cmdline"):
        run_step(guide, qtbot, step_id)
    lines = [line.split(" ", 2)[2].strip() for line in guide.log.model.lines()]
    begun = next(i for i, line in enumerate(lines) if line.startswith("▶ Add the two arguments"))
    said = next(i for i, line in enumerate(lines) if line.startswith("| Generating grub configuration file"))
    seen = next(i for i, line in enumerate(lines) if line.startswith("✓ Both arguments are in /etc/default/grub"))
    assert begun < said < seen
    assert lines[seen].endswith('intel_iommu=on initcall_blacklist=sysfb_init"]')


def test_a_change_of_state_is_no_line() -> None:
    assert rows_of(StateChanged(0.0, "check", StepState.READY)) == []


def test_the_console_panel_names_page_and_vm(qtbot: QtBot) -> None:
    panel = ConsolePanel("https://192.0.2.10:8006/", 100)
    qtbot.addWidget(panel)
    shown = [label.text() for label in panel.findChildren(type(panel.note))]
    assert "https://192.0.2.10:8006/" in shown
    assert any("VM 100" in text for text in shown)
    assert panel.open.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_practice_host_has_no_page_to_open(qtbot: QtBot) -> None:
    panel = ConsolePanel("", None)
    qtbot.addWidget(panel)
    assert not hasattr(panel, "open")
