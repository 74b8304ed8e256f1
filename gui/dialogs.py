"""The few real dialogs: a confirmation, a new host key, a secret. Cancel has the focus in all that can harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QInputDialog, QLineEdit, QPushButton, QWidget

from gui.style.theme import mono_font
from gui.widgets.basic import card, column, label

if TYPE_CHECKING:
    from ssh.hostkey import HostKeyQuestion


class ConfirmDialog(QDialog):
    """Title, text, the verb and Cancel. Enter and Esc are Cancel until the person moves to the verb."""

    def __init__(self, title: str, text: str, verb: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(460)
        self.body = column(margin=0, spacing=10)
        self.body.addWidget(label(title, "section"))
        if text:
            self.body.addWidget(label(text))
        self.yes, self.no = QPushButton(verb), QPushButton(QCoreApplication.translate("Confirm", "Cancel"))
        self.yes.setObjectName("danger")
        for button, slot in ((self.yes, self.accept), (self.no, self.reject)):
            button.setAccessibleName(button.text())
            button.clicked.connect(slot)
        self.no.setDefault(True)
        self.no.setFocus()
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        layout = column(self, margin=20, spacing=18)
        layout.addLayout(self.body)
        layout.addLayout(row)


class KeyDialog(ConfirmDialog):
    """First contact: the fingerprint, and how to compare it on the host itself."""

    def __init__(self, question: HostKeyQuestion, parent: QWidget | None = None) -> None:
        title = QCoreApplication.translate("HostKey", "Is this your host?")
        text = QCoreApplication.translate("HostKey", "%1 is new here. It shows this key (%2):")
        text = text.replace("%1", question.host).replace("%2", question.key_type)
        super().__init__(title, text, QCoreApplication.translate("HostKey", "It is the same: connect"), parent)
        self._framed(question.fingerprint)
        compare = QCoreApplication.translate(
            "HostKey",
            "Compare it with what the host itself says, on its own screen or in the shell of the PVE web page:",
        )
        self.body.addWidget(label(compare))
        self._framed(f"ssh-keygen -lf {key_file(question.key_type)}")
        warn = QCoreApplication.translate(
            "HostKey", "If the two differ, somebody else may be answering. Do not connect then."
        )
        self.body.addWidget(label(warn, "quiet"))
        self.yes.setObjectName("")

    def _framed(self, text: str) -> None:
        frame, layout = card("raised")
        shown = label(text, selectable=True)
        shown.setFont(mono_font(10.5))
        layout.addWidget(shown)
        self.body.addWidget(frame)


def key_file(key_type: str) -> str:
    """Where OpenSSH keeps the host key of that type (ssh-ed25519, ecdsa-sha2-nistp256, ssh-rsa, ...)."""
    kind = next((kind for kind in ("ed25519", "ecdsa", "rsa") if kind in key_type), "*")
    return f"/etc/ssh/ssh_host_{kind}_key.pub"


def confirm(title: str, text: str, verb: str, parent: QWidget) -> bool:
    """Whether the person pressed the verb."""
    return bool(ConfirmDialog(title, text, verb, parent).exec())


def confirm_key(question: HostKeyQuestion, parent: QWidget) -> bool:
    """Whether the person says that the fingerprint is that of the host."""
    return bool(KeyDialog(question, parent).exec())


def ask_secret(title: str, text: str, parent: QWidget, echo: bool = False) -> str | None:
    """A password or code; None where the person cancelled."""
    mode = QLineEdit.EchoMode.Normal if echo else QLineEdit.EchoMode.Password
    value, accepted = QInputDialog.getText(parent, title, text, mode)
    return value if accepted else None
