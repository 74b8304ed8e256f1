"""Add or edit a host: everything about reaching it, and where its secrets go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from gui.panels.fields import FileField
from gui.widgets.basic import column, label
from gui.widgets.foldout import FoldOut
from guide.errors import AppError

if TYPE_CHECKING:
    from ssh.connection import Secrets
    from ssh.profiles import Profile

AUTHS = ("password", "key", "agent")
MODES = ("tunnel", "direct")


class ProfileDialog(QDialog):
    """`result_profile()` and `result_secrets()` after it was accepted. What is left empty is asked when needed.

    A new host cannot have one of the names in `taken`: what is stored under it would be lost.
    """

    def __init__(
        self,
        profile: Profile | None,
        secrets: Secrets | None,
        keeps: str,
        parent: QWidget | None = None,
        taken: Iterable[str] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Edit a host") if profile else self.tr("Add a host"))
        self.setMinimumWidth(560)
        self._old = profile
        self._secrets = secrets
        # People do not tell “Home” from “home”.
        self._taken = {name.casefold() for name in taken}
        self.form, self.more = _form(), _form()
        self._login(profile)
        self._api(profile)
        rest = QWidget()
        rest.setLayout(self.more)
        fold = FoldOut(rest)
        fold.set_title(self.tr("More: ports, the Proxmox API, the known key"))
        self.forget = QCheckBox(self.tr("Keep no secrets of this host: ask each time"))
        self.forget.setAccessibleName(self.forget.text())
        self.problem = label("", "bad")
        self.problem.hide()
        layout = column(self, margin=20, spacing=12)
        layout.addLayout(self.form)
        layout.addWidget(fold)
        layout.addWidget(self.forget)
        layout.addWidget(label(keeps, "quiet"))
        layout.addWidget(self.problem)
        layout.addStretch(1)
        layout.addLayout(self._buttons())
        self._show_rows()

    def result_profile(self) -> Profile:
        """Raises `ProfileInvalid`."""
        from ssh.profiles import Profile

        return Profile(
            name=self.name.text().strip() or self.address.text().strip(),
            address=self.address.text().strip(),
            ssh_port=self.ssh_port.value(),
            api_port=self.api_port.value(),
            user=self.user.text().strip(),
            auth=AUTHS[self.auth.currentIndex()],  # type: ignore[arg-type]
            key_file=self.key.edit.text().strip(),
            host_key=self.host_key.text().strip(),
            node=self.node.text().strip(),
            api_mode=MODES[self.mode.currentIndex()],  # type: ignore[arg-type]
            api_user=self.api_user.text().strip(),
            api_token_id=self.token.text().strip(),
        )

    def result_secrets(self) -> Secrets:
        """Typed ones replace stored ones; none at all where none are to be kept."""
        from ssh.connection import Secrets
        from ssh.secret import Secret

        if self.forget.isChecked():
            return Secrets()
        old = self._secrets or Secrets()
        fields = {
            "password": self.password,
            "passphrase": self.passphrase,
            "api_password": self.api_password,
            "token_secret": self.token_secret,
        }
        typed = {name: edit.text() for name, edit in fields.items()}
        return Secrets(**{name: Secret(text) if text else getattr(old, name) for name, text in typed.items()})

    def _login(self, profile: Profile | None) -> None:
        form = self.form
        self.address = self._text(form, self.tr("Address"), profile.address if profile else "")
        self.address.setPlaceholderText(self.tr("name or IP of the Proxmox host"))
        self.name = self._text(form, self.tr("Name here"), profile.name if profile else "")
        self.name.setPlaceholderText(self.tr("like the address"))
        # The name is the key of what is stored.
        self.name.setReadOnly(profile is not None)
        self.user = self._text(form, self.tr("User"), profile.user if profile else "root")
        ways = [self.tr("Password"), self.tr("Key file"), self.tr("SSH agent")]
        self.auth = self._choice(form, self.tr("Log in by"), ways, AUTHS.index(profile.auth) if profile else 0)
        self.auth.currentIndexChanged.connect(self._show_rows)
        self.key = FileField(profile.key_file if profile else "", self.tr("Choose…"), "", lambda value: None)
        self._row(form, self.tr("Key file"), self.key)
        self.passphrase = self._secret(form, self.tr("Passphrase of the key"), "passphrase")
        self.password = self._secret(form, self.tr("Password"), "password")

    def _api(self, profile: Profile | None) -> None:
        form = self.more
        self.ssh_port = self._port(form, self.tr("SSH port"), profile.ssh_port if profile else 22)
        self.api_port = self._port(form, self.tr("API port"), profile.api_port if profile else 8006)
        modes = [self.tr("through SSH (safest)"), self.tr("directly")]
        reach = self.tr("Reach the Proxmox API")
        self.mode = self._choice(form, reach, modes, MODES.index(profile.api_mode) if profile else 0)
        self.api_user = self._text(form, self.tr("API user"), profile.api_user if profile else "")
        self.api_user.setPlaceholderText(self.tr("the same user, @pam"))
        self.api_password = self._secret(form, self.tr("API password"), "api_password")
        self.token = self._text(form, self.tr("API token"), profile.api_token_id if profile else "")
        self.token.setPlaceholderText("user@realm!name")
        self.token_secret = self._secret(form, self.tr("Secret of the token"), "token_secret")
        self.node = self._text(form, self.tr("Node"), profile.node if profile else "")
        self.node.setPlaceholderText(self.tr("as the host itself says"))
        self.host_key = self._text(form, self.tr("Known host key"), profile.host_key if profile else "")
        self.host_key.setPlaceholderText(self.tr("asked on first contact"))

    def _buttons(self) -> QHBoxLayout:
        self.save, self.cancel = QPushButton(self.tr("Save")), QPushButton(self.tr("Cancel"))
        self.save.setObjectName("primary")
        self.save.setDefault(True)
        row = QHBoxLayout()
        row.addStretch(1)
        for button, slot in ((self.save, self._accept), (self.cancel, self.reject)):
            button.setAccessibleName(button.text())
            button.clicked.connect(slot)
            row.addWidget(button)
        return row

    def _accept(self) -> None:
        try:
            name = self.result_profile().name
        except AppError as error:
            wrong = self._labels().get(error.params.get("reason", ""), error.params.get("reason", ""))
            self._refuse(self.tr("This cannot be used yet: %1").replace("%1", wrong))
            return
        if self._old is None and name.casefold() in self._taken:
            text = self.tr("There is already a host named “%1”. Choose another name, or edit that one.")
            self._refuse(text.replace("%1", name))
            self.name.setFocus()
            self.name.selectAll()
            return
        self.accept()

    def _refuse(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.show()

    def _labels(self) -> dict[str, str]:
        """The fields' own words, by the names of the profile's fields."""
        fields = {
            "name": self.name,
            "address": self.address,
            "user": self.user,
            "key_file": self.key,
            "host_key": self.host_key,
            "api_user": self.api_user,
            "api_token_id": self.token,
        }
        return {name: field.accessibleName() for name, field in fields.items()}

    def _show_rows(self) -> None:
        """Only what the way of logging in needs."""
        by_key = AUTHS[self.auth.currentIndex()] == "key"
        for field in (self.key, self.passphrase):
            self.form.setRowVisible(field, by_key)
        asked = self.tr("asked when it is needed")
        by_password = AUTHS[self.auth.currentIndex()] == "password"
        hint = asked if by_password else self.tr("for the Proxmox API and sudo; asked when it is needed")
        stored = bool(self._secrets and self._secrets.password)
        self.password.setPlaceholderText(self.tr("stored; type to replace it") if stored else hint)

    def _row(self, form: QFormLayout, text: str, field: QWidget) -> None:
        field.setAccessibleName(text)
        form.addRow(text, field)

    def _text(self, form: QFormLayout, text: str, value: str) -> QLineEdit:
        edit = QLineEdit(value)
        self._row(form, text, edit)
        return edit

    def _secret(self, form: QFormLayout, text: str, field: str) -> QLineEdit:
        edit = self._text(form, text, "")
        edit.setEchoMode(QLineEdit.EchoMode.Password)
        if self._secrets is not None and getattr(self._secrets, field):
            edit.setPlaceholderText(self.tr("stored; type to replace it"))
        return edit

    def _port(self, form: QFormLayout, text: str, value: int) -> QSpinBox:
        box = QSpinBox()
        box.setRange(1, 65535)
        box.setValue(value)
        self._row(form, text, box)
        return box

    def _choice(self, form: QFormLayout, text: str, words: list[str], index: int) -> QComboBox:
        box = QComboBox()
        box.addItems(words)
        box.setCurrentIndex(index)
        self._row(form, text, box)
        return box


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(8)
    return form
