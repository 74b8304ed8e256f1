"""What is saved, and what could not be, is said on the page where the person is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gui.window import MainWindow
from guide.errors import AppError
from tests.gui.test_walk import PATIENCE, open_guide


def test_the_report(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    guide = open_guide(window, qtbot)
    guide.rail.select("done")
    row = guide.page["done"].action_row
    blocked = tmp_path / "file"
    blocked.write_text("no folder", encoding="utf-8")
    for folder, mark in ((blocked, f"✗ {blocked}: "), (tmp_path / "new", "✓ The report was saved: ")):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args, chosen=folder: str(chosen))
        qtbot.mouseClick(row.report, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
        assert row.news.isVisible()
        assert row.news.text().startswith(mark)
    assert guide.page["connect"].failure is None
    assert guide.page["done"].failure is None


def test_the_log(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    guide = open_guide(window, qtbot)
    guide.rail.select("cmdline")
    row = guide.page["cmdline"].action_row
    lost, kept = tmp_path / "no folder" / "log.txt", tmp_path / "log.txt"
    for file, mark in ((lost, f"✗ {lost}: "), (kept, f"✓ The log was saved: {kept}")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args, chosen=file: (str(chosen), ""))
        qtbot.mouseClick(guide.log.save, Qt.MouseButton.LeftButton)
        assert row.news.isVisible()
        assert row.news.text().startswith(mark)
    assert kept.is_file()


def test_a_survey_that_fails_is_told_where_it_was_asked_for(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = open_guide(window, qtbot)
    guide.rail.select("configure")

    def broken() -> None:
        raise AppError

    monkeypatch.setattr(guide.controller.session, "survey", broken)
    qtbot.mouseClick(guide.page["configure"].action_row.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not guide.controller.busy, timeout=PATIENCE)
    assert guide.page["connect"].failure is None
    assert guide.page["configure"].failure is not None
