"""The application: one QApplication, one window."""

from __future__ import annotations

import logging
import sys

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from gui.interrupts import Interrupts
from gui.language import Language
from gui.settings import Settings, settings_path
from gui.style.theme import Theme
from gui.window import MainWindow
from guide.resources import path

log = logging.getLogger("qt")

NOISE = "This plugin does not support propagateSizeHints()"
"""Said by the offscreen platform for every widget."""


def application() -> QApplication:
    """The one application object, made on first use."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    qInstallMessageHandler(_qt_message)
    made = QApplication(sys.argv[:1])
    made.setApplicationName("pve-igpu")
    made.setApplicationDisplayName("pve-igpu")
    made.setDesktopFileName("pve-igpu")
    made.setWindowIcon(QIcon(str(path("icons", "pve-igpu.svg"))))
    return made


def run(profile: str | None, practice: str | None, language: str | None) -> int:
    """Show the window and, where asked, open a host at once."""
    app = application()
    settings = Settings.load(settings_path())
    theme = Theme(app)
    if settings.theme in ("light", "dark"):
        theme.set_mode(settings.theme)  # type: ignore[arg-type]
    window = MainWindow(Language(app, language or settings.language or None), theme, settings)
    window.header.show_theme(settings.theme)
    window.show()
    interrupts = Interrupts(window)
    interrupts.came.connect(window.quit_unasked)
    entrance = window.entrance
    QTimer.singleShot(0, entrance.load_hosts)
    if practice:
        QTimer.singleShot(0, lambda: entrance.open_practice(practice))
    elif profile:
        QTimer.singleShot(0, lambda: entrance.open_profile(profile))
    try:
        return app.exec()
    finally:
        interrupts.close()


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Qt's own messages go where all others go."""
    serious = kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    log.log(logging.WARNING if serious and text != NOISE else logging.DEBUG, "%s", text)
