"""Where Windows is installed: the VM's console in PVE's own web page."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.widgets.basic import column, label


class ConsolePanel(QFrame):
    """A button for the page, and the way from there; on a practice host Windows installs itself."""

    def __init__(self, page: str, vmid: int | None) -> None:
        super().__init__()
        self.setObjectName("card")
        layout = column(self, margin=14, spacing=8)
        if not page:
            text = self.tr("This is a practice host: its Windows installs itself, nobody has to click.")
            layout.addWidget(label(text, "quiet"))
            return
        self._page = page
        self.open = QPushButton(self.tr("Open the PVE web page"))
        self.open.setAccessibleName(self.open.text())
        self.open.clicked.connect(self._open)
        row = QHBoxLayout()
        row.addWidget(label(page, selectable=True), 1)
        row.addWidget(self.open)
        layout.addLayout(row)
        way = self.tr("There: choose VM %1, then Console. Your browser may warn of the host's own certificate.")
        layout.addWidget(label(way.replace("%1", str(vmid or "")), "quiet"))
        self.note = label("", "warn")
        self.note.hide()
        layout.addWidget(self.note)

    def _open(self) -> None:
        if not QDesktopServices.openUrl(QUrl(self._page)):
            self.note.setText(self.tr("No browser could be opened; please open the address yourself."))
            self.note.show()
