"""Add or edit a host: everything about reaching it, and where its secrets go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from gui.panels.fields import FileField
from gui.widgets.basic import column, label

if TYPE_CHECKING:
    from ssh.connection import Secrets
    from ssh.profiles import Profile

AUTHS = ("password", "key", "agent")
MODES = ("tunnel", "direct")


class ProfileDialog(QDialog):
    """`result_profile()` and `result_secrets()` after it was accepted. A password left empty is asked each time."""

    def __init__(self, profile: Profile | None, keeps: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Host"))
        self.setMinimumWidth(520)
        layout = column(self, margin=18)
        self.form = QFormLayout()
        layout.addLayout(self.form)
        self._old = profile
        self.name = self._text(self.tr("Name"), profile.name if profile else "")
        self.name.setReadOnly(profile is not None)
        self.address = self._text(self.tr("Address (name or IP)"), profile.address if profile else "")
        self.ssh_port = self._port(self.tr("SSH port"), profile.ssh_port if profile else 22)
        self.api_port = self._port(self.tr("API port"), profile.api_port if profile else 8006)
        self.user = self._text(self.tr("User"), profile.user if profile else "root")
        ways = [self.tr("Password"), self.tr("Key file"), self.tr("SSH agent")]
        self.auth = self._choice(self.tr("Log in by"), ways, AUTHS.index(profile.auth) if profile else 0)
        self.key = FileField(profile.key_file if profile else "", self.tr("Choose…"), "", lambda value: None)
        self._row(self.tr("Key file"), self.key)
        self.password = self._secret(self.tr("Password (also for the API)"))
        self.passphrase = self._secret(self.tr("Passphrase of the key"))
        modes = [self.tr("through SSH (safest)"), self.tr("directly")]
        self.mode = self._choice(
            self.tr("Reach the Proxmox API"), modes, MODES.index(profile.api_mode) if profile else 0
        )
        self.host_key = self._text(self.tr("Known host key"), profile.host_key if profile else "")
        self.host_key.setPlaceholderText(self.tr("asked on first contact"))
        layout.addWidget(label(keeps, "quiet"))
        self.problem = label("", "bad")
        layout.addWidget(self.problem)
        buttons = QDialogButtonBox()
        buttons.addButton(self.tr("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)

    def result_profile(self) -> Profile:
        """Raises `ProfileInvalid`."""
        from ssh.profiles import Profile

        return Profile(
            name=self.name.text().strip(),
            address=self.address.text().strip(),
            ssh_port=self.ssh_port.value(),
            api_port=self.api_port.value(),
            user=self.user.text().strip(),
            auth=AUTHS[self.auth.currentIndex()],  # type: ignore[arg-type]
            key_file=self.key.edit.text().strip(),
            host_key=self.host_key.text().strip(),
            node=self._old.node if self._old else "",
            api_mode=MODES[self.mode.currentIndex()],  # type: ignore[arg-type]
            api_user=self._old.api_user if self._old else "",
            api_token_id=self._old.api_token_id if self._old else "",
        )

    def result_secrets(self) -> Secrets:
        from ssh.connection import Secrets
        from ssh.secret import Secret

        return Secrets(password=Secret(self.password.text()), passphrase=Secret(self.passphrase.text()))

    def _accept(self) -> None:
        from guide.errors import AppError

        try:
            self.result_profile()
        except AppError as error:
            self.problem.setText(self.tr("This cannot be used yet: %1").replace("%1", error.params.get("reason", "")))
            return
        self.accept()

    def _row(self, text: str, field: QWidget) -> None:
        field.setAccessibleName(text)
        self.form.addRow(text, field)

    def _text(self, text: str, value: str) -> QLineEdit:
        edit = QLineEdit(value)
        self._row(text, edit)
        return edit

    def _secret(self, text: str) -> QLineEdit:
        edit = self._text(text, "")
        edit.setEchoMode(QLineEdit.EchoMode.Password)
        return edit

    def _port(self, text: str, value: int) -> QSpinBox:
        box = QSpinBox()
        box.setRange(1, 65535)
        box.setValue(value)
        self._row(text, box)
        return box

    def _choice(self, text: str, words: list[str], index: int) -> QComboBox:
        box = QComboBox()
        box.addItems(words)
        box.setCurrentIndex(index)
        self._row(text, box)
        return box
