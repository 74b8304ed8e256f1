"""Names for screen readers, keyboard focus, live language and theme, complete translations."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from pytestqt.qtbot import QtBot

from gui.profile_dialog import ProfileDialog
from gui.style.tokens import DARK, LIGHT, Tokens
from gui.window import MainWindow
from guide.chapters.catalogue import STEPS
from tests.gui.test_walk import open_guide

ROOT = Path(__file__).resolve().parents[2]


def unnamed(root: QWidget) -> list[str]:
    """Controls that the keyboard can reach and a screen reader could not name."""
    found = []
    for widget in root.findChildren(QWidget):
        reachable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(root)
        if not reachable or widget.focusProxy() is not None or type(widget) is QAbstractScrollArea:
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None or not interface.text(QAccessible.Text.Name):
            found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


def test_every_reachable_control_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    assert unnamed(window) == []
    guide = open_guide(window, qtbot)
    for step in STEPS:
        guide.rail.select(step.id)
        assert unnamed(window) == [], step.id


def test_enter_presses_the_focused_button_and_only_that(window: MainWindow, qtbot: QtBot) -> None:
    window.start.add.setFocus()
    pressed: list[str] = []
    window.start.edit_wanted.disconnect()
    window.start.edit_wanted.connect(pressed.append)
    qtbot.keyClick(window.start.add, Qt.Key.Key_Return)
    assert pressed == [""]


def test_the_profile_dialog_has_names(qtbot: QtBot) -> None:
    dialog = ProfileDialog(None, None, "kept somewhere")
    qtbot.addWidget(dialog)
    dialog.show()
    assert unnamed(dialog) == []


def test_the_language_changes_while_running(window: MainWindow, qtbot: QtBot) -> None:
    guide = open_guide(window, qtbot)
    window.header.language.setCurrentIndex(window.header.language.findData("zh_CN"))
    assert guide.page["cmdline"].title.text() == "主机内核不再占用核显"
    assert window.header.leave.text() == "离开这台主机"
    window.header.language.setCurrentIndex(window.header.language.findData("en"))
    assert window.header.leave.text() == "Leave this host"


def test_the_theme_changes_while_running(window: MainWindow) -> None:
    window.header.theme.setCurrentIndex(2)
    assert window.theme.tokens is DARK
    window.header.theme.setCurrentIndex(1)
    assert window.theme.tokens is LIGHT


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_enough_contrast(tokens: Tokens) -> None:
    for role in ("text", "quiet", "accent", "good", "warn", "bad"):
        for ground in ("surface", "window"):
            ratio = contrast(getattr(tokens, role), getattr(tokens, ground))
            assert ratio >= 4.5, f"{role} on {ground}: {ratio:.1f}"


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_chinese_translation_is_complete(tmp_path: Path) -> None:
    """lupdate finds nothing that the committed file lacks, and nothing in it is unfinished."""
    committed = ROOT / "resources" / "i18n" / "pve-igpu_zh_CN.ts"
    fresh = tmp_path / "fresh.ts"
    sources = [str(path) for path in sorted((ROOT / "gui").rglob("*.py"))]
    tool = Path(sys.executable).with_name("pyside6-lupdate")
    subprocess.run([str(tool), *sources, "-ts", str(fresh), "-locations", "none"], check=True, capture_output=True)
    assert messages(fresh) == messages(committed)
    text = committed.read_text(encoding="utf-8")
    assert not re.search(r'type="(unfinished|vanished|obsolete)"', text)


def messages(path: Path) -> set[tuple[str, str]]:
    contexts = ET.parse(path).getroot().iter("context")
    return {
        (context.findtext("name", ""), message.findtext("source", ""))
        for context in contexts
        for message in context.iter("message")
    }
