"""The address of Windows, and a way to open Remote Desktop with the system's own client."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.style.theme import mono_font
from gui.widgets.basic import label

CLIENTS = ("xfreerdp3", "xfreerdp", "remmina")


class RemotePanel(QFrame):
    """Shown as soon as an address is known."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._address = address
        row = QHBoxLayout(self)
        shown = label(address, selectable=True)
        shown.setFont(mono_font(12))
        row.addWidget(shown, 1)
        self.open = QPushButton(self.tr("Open Remote Desktop"))
        self.copy = QPushButton(self.tr("Copy the address"))
        for button, action in ((self.open, self._open), (self.copy, self._copy)):
            button.setAccessibleName(button.text())
            button.clicked.connect(action)
            row.addWidget(button)
        self.note = label("", "quiet")
        row.addWidget(self.note)

    def _open(self) -> None:
        file = write_rdp_file(self._address)
        client = next((found for name in CLIENTS if (found := shutil.which(name))), None)
        if sys.platform.startswith("linux") and client is None:
            self.note.setText(self.tr("No Remote Desktop client was found; copy the address instead."))
        elif sys.platform.startswith("linux"):
            subprocess.Popen([client or "", str(file)], start_new_session=True)
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._address)


def write_rdp_file(address: str) -> Path:
    """A connection file without any secret: the client asks for name and password."""
    path = Path(tempfile.gettempdir()) / "pve-igpu-windows.rdp"
    lines = [f"full address:s:{address}", "prompt for credentials:i:1", "audiomode:i:0", "redirectclipboard:i:1"]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path
