"""The connection's questions: a new host key, a password, a one-time code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMessageBox, QWidget

if TYPE_CHECKING:
    from ssh.hostkey import HostKeyQuestion


def confirm_key(question: HostKeyQuestion, parent: QWidget) -> bool:
    """Shows the fingerprint and how to compare it; Cancel has the focus."""
    title = QCoreApplication.translate("HostKey", "Is this your host?")
    box = QMessageBox(QMessageBox.Icon.Question, title, title, parent=parent)
    text = QCoreApplication.translate(
        "HostKey",
        "%1 is new here. Its key (%2) has this fingerprint:\n\n%3\n\nCompare it with what the host prints on its own "
        "screen:\nssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    )
    text = text.replace("%1", question.host).replace("%2", question.key_type).replace("%3", question.fingerprint)
    box.setInformativeText(text)
    yes = box.addButton(
        QCoreApplication.translate("HostKey", "It is the same: connect"), QMessageBox.ButtonRole.AcceptRole
    )
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.exec()
    return box.clickedButton() is yes


def ask_secret(title: str, text: str, parent: QWidget) -> str | None:
    """A password or code; None where the person cancelled."""
    value, accepted = QInputDialog.getText(parent, title, text, QLineEdit.EchoMode.Password)
    return value if accepted else None
