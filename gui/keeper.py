"""The stored profiles and secrets, reached off the window's thread. The keyring library is loaded on first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from gui.background import Background
from guide.errors import AppError

if TYPE_CHECKING:
    from ssh.connection import Secrets
    from ssh.profiles import Profile
    from ssh.vault import BackendInfo, Vault


@dataclass(frozen=True)
class Stored:
    """What is there: names of profiles, and where their secrets are kept."""

    names: tuple[str, ...]
    backend: BackendInfo


class Keeper(QObject):
    """Every answer comes by a callback in the window's thread."""

    def __init__(self, failed: Callable[[AppError], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("keyring", failed, self)
        self._vault: Vault | None = None

    def list(self, then: Callable[[Stored], None]) -> None:
        self._background.run(self._stored, then)

    def load(
        self,
        name: str,
        then: Callable[[tuple[Profile, Secrets]], None],
        failed: Callable[[AppError], None] | None = None,
    ) -> None:
        self._background.run(lambda: self._open().load(name), then, failed)

    def save(self, profile: Profile, secrets: Secrets | None, then: Callable[[Stored], None]) -> None:
        """Secrets None: those that are stored stay."""

        def job() -> Stored:
            self._open().save(profile, secrets)
            return self._stored()

        self._background.run(job, then)

    def delete(self, name: str, then: Callable[[Stored], None]) -> None:
        def job() -> Stored:
            self._open().delete(name)
            return self._stored()

        self._background.run(job, then)

    def close(self) -> None:
        self._background.close()

    def _stored(self) -> Any:
        vault = self._open()
        return Stored(vault.names(), vault.backend)

    def _open(self) -> Vault:
        if self._vault is None:
            from ssh.vault import open_vault

            self._vault = open_vault()
        return self._vault
