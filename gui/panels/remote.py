"""The address of Windows, and a way to open Remote Desktop with the system's own client."""

from __future__ import annotations

import shutil
import sys
from ipaddress import ip_address
from pathlib import Path

from platformdirs import user_cache_path
from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.style.theme import mono_font
from gui.widgets.basic import column, label

CLIENTS = {"xfreerdp3": (), "xfreerdp": (), "remmina": ("-c",)}
"""Clients of Linux that take an .rdp file, and the arguments before it."""


class RemotePanel(QFrame):
    """Shown as soon as an address is known."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._address = address
        shown = label(address, selectable=True)
        shown.setFont(mono_font(12))
        self.open = QPushButton(self.tr("Open Remote Desktop"))
        self.copy = QPushButton(self.tr("Copy the address"))
        row = QHBoxLayout()
        row.addWidget(label(self.tr("Address of Windows"), "quiet"))
        row.addWidget(shown, 1)
        for button, action in ((self.open, self._open), (self.copy, self._copy)):
            button.setAccessibleName(button.text())
            button.clicked.connect(action)
            row.addWidget(button)
        self.note = label("", "quiet")
        self.note.hide()
        layout = column(self, margin=14, spacing=8)
        layout.addLayout(row)
        layout.addWidget(self.note)

    def _open(self) -> None:
        if open_file(write_rdp_file(self._address)):
            self._say(self.tr("The Remote Desktop client of this computer was asked to open the address."))
        else:
            self._say(self.tr("No Remote Desktop client was found; copy the address instead."))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
        self._say(self.tr("The address is in the clipboard."))

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.show()


def open_file(file: Path) -> bool:
    """Hand the file to the system's client; False where there is none."""
    if not sys.platform.startswith("linux"):
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))
    client = next((name for name in CLIENTS if shutil.which(name)), None)
    if client is None:
        return False
    started, _ = QProcess.startDetached(client, [*CLIENTS[client], str(file)])
    return started


def write_rdp_file(address: str) -> Path:
    """A connection file without any secret: the client asks for name and password."""
    ip_address(address)  # Windows said it: nothing else may get into the file
    path = user_cache_path("pve-igpu", appauthor=False, ensure_exists=True) / "windows.rdp"
    lines = [f"full address:s:{address}", "prompt for credentials:i:1", "audiomode:i:0", "redirectclipboard:i:1"]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
    return path
