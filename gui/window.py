"""The one window: header, start page, and the guide of the open host."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox, QStackedWidget, QWidget

from gui.controller import Controller
from gui.dialogs import ask_secret, confirm_key
from gui.guide_view import GuideView
from gui.header import Header
from gui.keys import EnterPresses
from gui.language import Language
from gui.opener import Opener
from gui.opening import Opened
from gui.profile_dialog import ProfileDialog
from gui.start_page import StartPage
from gui.style.theme import Mode, Theme
from gui.widgets.basic import column
from guide.errors import AppError
from practice.scenario import list_scenarios

if TYPE_CHECKING:
    from ssh.hostkey import HostKeyQuestion
    from ssh.secret import Secret
    from ssh.vault import Vault

DEFAULT_SCENARIO = "n100-pve82"


class MainWindow(QMainWindow):
    """Nothing of the network or the keyring is loaded before the first paint (facts: performance.md section 4)."""

    def __init__(self, language: Language, theme: Theme) -> None:
        super().__init__()
        self.language = language
        self.theme = theme
        self.guide: GuideView | None = None
        self._vault: Vault | None = None
        self.header = Header(language)
        self.start = StartPage()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start)
        self.opener = Opener(self)
        self._keys = EnterPresses(self)
        QApplication.instance().installEventFilter(self._keys)  # type: ignore[union-attr]
        self._connect()
        body = QWidget()
        layout = column(body, spacing=0)
        layout.addWidget(self.header)
        layout.addWidget(self.stack, 1)
        self.setCentralWidget(body)
        self.resize(1280, 800)
        self.start.practice.setFocus()
        self.retranslate()

    def load_hosts(self) -> None:
        """Read the stored profiles; called once the window is up."""
        from ssh.vault import open_vault

        self._vault = open_vault()
        self.start.vault.setText(self._keeps())
        self._refresh_hosts()

    def open_practice(self, scenario: str) -> None:
        self._opening()
        self.opener.practice(scenario)

    def open_profile(self, name: str) -> None:
        """Connect to a stored profile; what is not stored is asked."""
        if self._vault is None:
            self.load_hosts()
        if self._vault is None:
            return
        try:
            profile, secrets = self._vault.load(name)
        except AppError as error:
            self._failed(error)
            return
        if profile.auth == "password" and not secrets.password:
            from ssh.secret import Secret

            text = ask_secret(self.tr("Password"), self.tr("Password of %1:").replace("%1", profile.user), self)
            if text is None:
                return
            secrets = replace(secrets, password=Secret(text))
        self._opening()
        self.opener.profile(profile, secrets)

    def retranslate(self) -> None:
        """Another language."""
        self.setWindowTitle(self.tr("pve-igpu – Intel graphics for Windows on Proxmox VE"))
        self.header.retranslate()
        self.start.retranslate()
        chosen = self.start.scenario.currentData() or DEFAULT_SCENARIO
        self.start.set_scenarios(list_scenarios(self.language.code), chosen)
        if self._vault is not None:
            self.start.vault.setText(self._keeps())
        if self.guide is not None:
            self.guide.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_host()
        super().closeEvent(event)

    def close_host(self) -> None:
        """Back to the start page; the connection ends."""
        if self.guide is not None:
            guide, self.guide = self.guide, None
            guide.controller.close()
            self.stack.removeWidget(guide)
            guide.deleteLater()
        self.header.set_host(None)
        self.stack.setCurrentWidget(self.start)

    def _connect(self) -> None:
        self.start.practice_wanted.connect(self.open_practice)
        self.start.profile_wanted.connect(self.open_profile)
        self.start.edit_wanted.connect(self._edit_profile)
        self.start.delete_wanted.connect(self._delete_profile)
        self.opener.opened.connect(self._opened)
        self.opener.failed.connect(self._failed)
        self.opener.key_asked.connect(self._ask_key)
        self.opener.code_asked.connect(self._ask_code)
        self.header.language_chosen.connect(self._choose_language)
        self.header.theme_chosen.connect(self._choose_theme)
        self.header.leave_wanted.connect(self.close_host)
        self.theme.changed.connect(lambda _: self.guide.retranslate() if self.guide else None)

    def _opening(self) -> None:
        self.start.show_problem("")
        self.start.set_busy(True)

    def _opened(self, opened: Opened) -> None:
        self.start.set_busy(False)
        controller = Controller(opened, self)
        self.guide = GuideView(controller, self.language, self.theme)
        controller.snapshot_changed.connect(self.header.set_host)
        self.stack.addWidget(self.guide)
        self.stack.setCurrentWidget(self.guide)
        if self._vault is not None and not opened.host.is_practice:
            self._pin(opened)
        controller.survey()

    def _pin(self, opened: Opened) -> None:
        """Remember the key that was accepted on first contact."""
        if self._vault is not None and opened.host.name in self._vault.names():
            profile, _ = self._vault.load(opened.host.name)
            if not profile.host_key:
                self._vault.save(replace(profile, host_key=opened.host.fingerprint))

    def _failed(self, error: AppError) -> None:
        self.start.set_busy(False)
        text = self.language.catalogue.error(error.code, error.params)
        self.start.show_problem("\n".join(part for part in (text.what, text.means, text.do, error.detail) if part))

    def _ask_key(self, question: HostKeyQuestion, answer: Future[bool]) -> None:
        answer.set_result(confirm_key(question, self))

    def _ask_code(self, answer: Future[Secret]) -> None:
        from ssh.secret import Secret

        text = ask_secret(self.tr("One-time code"), self.tr("Code of your authenticator app:"), self)
        answer.set_result(Secret(text or ""))

    def _choose_language(self, code: str) -> None:
        self.language.choose(code)
        self.retranslate()

    def _choose_theme(self, mode: Mode) -> None:
        self.theme.set_mode(mode)

    def _edit_profile(self, name: str) -> None:
        if self._vault is None:
            self.load_hosts()
        if self._vault is None:
            return
        old = self._vault.load(name)[0] if name else None
        dialog = ProfileDialog(old, self._keeps(), self)
        if dialog.exec():
            secrets = dialog.result_secrets()
            keep = bool(secrets.password or secrets.passphrase) or old is None
            self._vault.save(dialog.result_profile(), secrets if keep else None)
            self._refresh_hosts()

    def _delete_profile(self, name: str) -> None:
        title = self.tr("Forget %1?").replace("%1", name)
        text = self.tr("The profile and its stored secrets are deleted. The host itself is not touched.")
        if self._vault is not None and QMessageBox.question(self, title, text) == QMessageBox.StandardButton.Yes:
            self._vault.delete(name)
            self._refresh_hosts()

    def _refresh_hosts(self) -> None:
        if self._vault is not None:
            self.start.set_hosts(self._vault.names())

    def _keeps(self) -> str:
        """Where secrets go, in words."""
        backend = self._vault.backend if self._vault else None
        if backend is not None and backend.usable:
            return self.tr("Passwords are kept in the keyring of this computer (%1).").replace("%1", backend.name)
        return self.tr("This computer has no safe keyring: passwords are kept for this session only, never in a file.")
