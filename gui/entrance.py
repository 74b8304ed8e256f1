"""The way in: known hosts, their profiles and secrets, and the one attempt to connect that may be under way."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.dialogs import ask_secret, confirm, confirm_key
from gui.keeper import Keeper, Stored
from gui.language import Language
from gui.opener import Opener
from gui.opening import Opened
from gui.profile_dialog import ProfileDialog
from gui.settings import Settings
from gui.start_page import StartPage
from gui.style.theme import Theme
from gui.survey_view import read_survey
from gui.widgets.changed_key import ChangedKeyPanel
from gui.widgets.failure import failure_view
from guide.chapters.catalogue import STEPS
from guide.errors import AppError
from guide.events import Failed
from practice.scenario import list_scenarios

if TYPE_CHECKING:
    from ssh.connection import Secrets
    from ssh.hostkey import HostKeyQuestion
    from ssh.profiles import Profile
    from ssh.secret import Secret

DEFAULT_SCENARIO = "n100-pve82"
KEY_CHANGED = "host-key-changed"


class Entrance(QObject):
    """Drives the start page. Neither the keyring nor the network is ever waited for in the window's thread."""

    opened = Signal(object)
    survey_read = Signal(object, object)

    def __init__(self, page: StartPage, language: Language, theme: Theme, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.page = page
        self._language = language
        self._theme = theme
        self._settings = settings
        self._window = parent
        self._keeper = Keeper(self._failed, self)
        self._stored: Stored | None = None
        self._problem: AppError | None = None
        self._trying: tuple[Profile, Secrets] | None = None
        self.opener = Opener(self)
        self._connect()

    def load_hosts(self) -> None:
        """Read the stored profiles; called once the window is up."""
        self._keeper.list(self._listed)

    def open_practice(self, scenario: str) -> None:
        self._trying = None
        self._wait(self.tr("Starting the practice host…"))
        self.opener.practice(scenario)

    def open_profile(self, name: str) -> None:
        """Connect to a stored profile; what is not stored is asked."""
        attempt = self.opener.begin()
        self._trying = None
        self._wait(self.tr("Reading the profile of %1…").replace("%1", name))
        self._keeper.load(
            name, lambda loaded: self._try(attempt, *loaded), lambda error: self._not_loaded(attempt, error)
        )

    def close(self) -> None:
        self.opener.give_up()
        self._keeper.close()

    def retranslate(self) -> None:
        """Another language."""
        chosen = self.page.scenario.chosen() or DEFAULT_SCENARIO
        self.page.retranslate()
        self.page.set_scenarios(list_scenarios(self._language.code), chosen)
        if self._stored is not None:
            self._listed(self._stored)
        self._show_problem()

    def show_standing(self) -> None:
        """The list again: the work on a host stands elsewhere now."""
        if self._stored is not None:
            self._listed(self._stored)

    def _connect(self) -> None:
        page = self.page
        self._theme.changed.connect(lambda _: self._show_problem())
        page.practice_wanted.connect(self.open_practice)
        page.profile_wanted.connect(self.open_profile)
        page.edit_wanted.connect(self._edit)
        page.delete_wanted.connect(self._delete)
        page.give_up_wanted.connect(self._give_up)
        page.survey_wanted.connect(self._choose_survey)
        self.opener.opened.connect(self._arrived)
        self.opener.failed.connect(self._failed)
        self.opener.key_asked.connect(self._ask_key)
        self.opener.code_asked.connect(self._ask_code)
        self.opener.password_asked.connect(self._ask_password)

    def _wait(self, text: str) -> None:
        self._no_problem()
        self.page.set_waiting(text)

    def _listed(self, stored: Stored) -> None:
        self._stored = stored
        self.page.set_hosts([(name, self._standing(name)) for name in stored.names])
        self.page.vault.setText(self._keeps())

    def _standing(self, name: str) -> str:
        """Where the work on a host stood when it was left."""
        point = self._settings.recent.get(name)
        if point is None:
            return ""
        day = time.strftime("%Y-%m-%d", time.localtime(point.at))
        step = next((step for step in STEPS if step.id == point.step), None)
        if step is None:
            return self.tr("everything is done (%1)").replace("%1", day)
        text = self.tr("next: %1 %2 (%3)").replace("%1", step.number).replace("%3", day)
        return text.replace("%2", self._language.say(step.short))

    def _not_loaded(self, attempt: int, error: AppError) -> None:
        if self.opener.is_current(attempt):
            self._failed(error)

    def _try(self, attempt: int, profile: Profile, secrets: Secrets) -> None:
        """The keyring may have taken its time: an attempt that was given up meanwhile asks and does nothing more."""
        if not self.opener.is_current(attempt):
            return
        complete = self._completed(profile, secrets)
        if complete is None:
            self._give_up()
            return
        self._trying = (profile, complete)
        self._wait(self.tr("Connecting to %1…").replace("%1", profile.address))
        self.opener.profile(attempt, profile, complete)

    def _completed(self, profile: Profile, secrets: Secrets) -> Secrets | None:
        """The secrets with all that both logins need and nobody stored; None where the person cancelled."""
        from ssh.secret import Secret

        while field := missing_secret(profile, secrets):
            text = ask_secret(*self._question(field, profile), self._window)
            if not text:
                return None
            secrets = replace(secrets, **{field: Secret(text)})
        return secrets

    def _question(self, field: str, profile: Profile) -> tuple[str, str]:
        """Title and text."""
        if field == "token_secret":
            text = self.tr("Secret of the API token %1:").replace("%1", profile.api_token_id)
            return self.tr("Secret of the token"), text
        if field == "password" and profile.auth == "password":
            text = self.tr("Password of %1 on %2:").replace("%1", profile.user)
            return self.tr("Password"), text.replace("%2", profile.address)
        return self._api_question(profile.login, profile.address)

    def _api_question(self, user: str, address: str) -> tuple[str, str]:
        text = self.tr("Password of %1 for the Proxmox API on %2:")
        return self.tr("API password"), text.replace("%1", user).replace("%2", address)

    def _give_up(self) -> None:
        self.opener.give_up()
        self._trying = None
        self.page.set_waiting("")

    def _arrived(self, opened: Opened) -> None:
        self.page.set_waiting("")
        if self._trying is not None and not self._trying[0].host_key:
            self._keeper.save(replace(self._trying[0], host_key=opened.host.fingerprint), None, self._listed)
        self._trying = None
        self.opened.emit(opened)

    def _failed(self, error: AppError) -> None:
        self.page.set_waiting("")
        self._problem = error
        self._show_problem()

    def _show_problem(self) -> None:
        """In the language and the theme of now."""
        error = self._problem
        if error is None:
            return
        if error.code == KEY_CHANGED and self._trying is not None:
            panel = ChangedKeyPanel(error, self._language)
            panel.forget_wanted.connect(self._forget_key)
            self.page.show_problem(panel)
            return
        self.page.show_problem(failure_view(Failed.of(error), self._language, self._theme.tokens))

    def _no_problem(self) -> None:
        self._problem = None
        self.page.show_problem(None)

    def _forget_key(self) -> None:
        """Only after the person said so twice; the next connection asks about the new key."""
        if self._trying is None:
            return
        title = self.tr("Forget the known key of %1?").replace("%1", self._trying[0].name)
        text = self.tr("Do this only if you set the host up anew. Otherwise somebody else may be answering.")
        if confirm(title, text, self.tr("Forget the key"), self._window):
            self._no_problem()
            self._keeper.save(replace(self._trying[0], host_key=""), None, self._listed)

    def _ask_key(self, attempt: int, question: HostKeyQuestion, answer: Future[bool]) -> None:
        answer.set_result(self.opener.is_current(attempt) and confirm_key(question, self._window))

    def _ask_code(self, attempt: int, answer: Future[Secret]) -> None:
        from ssh.secret import Secret

        code: str | None = ""
        if self.opener.is_current(attempt):
            question = self.tr("Code of your authenticator app:")
            code = ask_secret(self.tr("One-time code"), question, self._window, echo=True)
        answer.set_result(Secret(code or ""))

    def _ask_password(self, attempt: int, user: str, address: str, answer: Future[Secret]) -> None:
        """The API refused the password that was known."""
        from ssh.secret import Secret

        text: str | None = ""
        if self.opener.is_current(attempt):
            text = ask_secret(*self._api_question(user, address), self._window)
        answer.set_result(Secret(text or ""))

    def _choose_survey(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Open a survey"), "", self.tr("Surveys and transcripts (*.json *.txt)")
        )
        if name:
            self.open_survey(Path(name))

    def open_survey(self, path: Path) -> None:
        """Read a saved survey or a folder of transcripts; `survey_read` tells path and facts."""
        self._no_problem()
        try:
            self.survey_read.emit(path, read_survey(path))
        except AppError as error:
            self._failed(error)

    def _edit(self, name: str) -> None:
        if name:
            self._keeper.load(name, lambda loaded: self._show_dialog(*loaded))
        elif self._stored is not None:
            self._add(self._stored)
        else:
            self._keeper.list(self._add)

    def _add(self, stored: Stored) -> None:
        """A new host must not take the name of another."""
        self._listed(stored)
        self._show_dialog(None, None, stored.names)

    def _show_dialog(self, profile: Profile | None, secrets: Secrets | None, taken: tuple[str, ...] = ()) -> None:
        dialog = ProfileDialog(profile, secrets, self._keeps(), self._window, taken)
        if dialog.exec():
            self._keeper.save(dialog.result_profile(), dialog.result_secrets(), self._listed)

    def _delete(self, name: str) -> None:
        title = self.tr("Forget %1?").replace("%1", name)
        text = self.tr("The profile and its stored secrets are deleted. The host itself is not touched.")
        if confirm(title, text, self.tr("Forget it"), self._window):
            self._keeper.delete(name, self._listed)

    def _keeps(self) -> str:
        """Where secrets go, in words."""
        backend = self._stored.backend if self._stored else None
        if backend is not None and backend.usable:
            return self.tr("Passwords are kept in the keyring of this computer (%1).").replace("%1", backend.name)
        return self.tr("This computer has no safe keyring: passwords are kept for this session only, never in a file.")


def missing_secret(profile: Profile, secrets: Secrets) -> str:
    """The field of the secrets without which SSH or the API would refuse the login; "" where all are known."""
    if profile.auth == "password" and not secrets.password:
        return "password"
    if profile.api_token_id:
        return "" if secrets.token_secret else "token_secret"
    if secrets.api_password or secrets.password:
        return ""
    # The same user's password serves sudo too.
    return "password" if profile.login == f"{profile.user}@pam" else "api_password"
