"""The application: one QApplication, one window."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from gui.language import Language
from gui.style.theme import Theme
from gui.window import MainWindow
from guide.resources import path


def application() -> QApplication:
    """The one application object, made on first use."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    made = QApplication(sys.argv[:1])
    made.setApplicationName("pve-igpu")
    made.setApplicationDisplayName("pve-igpu")
    made.setDesktopFileName("pve-igpu")
    made.setWindowIcon(QIcon(str(path("icons", "pve-igpu.svg"))))
    return made


def run(profile: str | None, practice: str | None, language: str | None) -> int:
    """Show the window and, where asked, open a host at once."""
    app = application()
    window = MainWindow(Language(app, language), Theme(app))
    window.show()
    QTimer.singleShot(0, window.load_hosts)
    if practice:
        QTimer.singleShot(0, lambda: window.open_practice(practice))
    elif profile:
        QTimer.singleShot(0, lambda: window.open_profile(profile))
    return app.exec()
