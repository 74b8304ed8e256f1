"""Profiles and their secrets in the keyring of the operating system - or in memory, never in a plain file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from ssh.connection import Secrets
from ssh.errors import KeyringUnusable, ProfileUnknown
from ssh.profiles import Profile
from ssh.secret import Secret

INDEX = ("pve-igpu", "profiles")
"""Service and user of the entry that lists the profile names."""

UNSAFE = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
"""Packages of backends that keep nothing, or keep it readable (facts: test-host.md 4.6)."""

MOST_UNITS = 1280
"""UTF-16 units in one entry of the Windows keyring (facts: anchors.md 5); the same limit everywhere."""

_FIELDS = ("password", "passphrase", "api_password", "token_secret")


@dataclass(frozen=True)
class BackendInfo:
    """Where secrets go. `usable` False: they stay in memory for this session."""

    name: str
    usable: bool


class Store(Protocol):
    """The part of a keyring that we use."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class MemoryStore:
    """Session-only secrets."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._entries[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        self._entries.pop((service, username), None)


class Vault:
    """Profiles by name. One service string per profile, so that no backend renames entries (facts: anchors.md 5)."""

    def __init__(self, store: Store, backend: BackendInfo) -> None:
        self._store = store
        self.backend = backend

    def names(self) -> tuple[str, ...]:
        """All stored profiles, sorted."""
        try:
            listed = json.loads(self._read(*INDEX) or "[]")
        except ValueError:
            return ()
        return tuple(sorted(name for name in listed if isinstance(name, str))) if isinstance(listed, list) else ()

    def load(self, name: str) -> tuple[Profile, Secrets]:
        """A profile with whatever secrets are stored. Raises `ProfileUnknown` where there is none of that name."""
        text = self._read(_service(name), "profile")
        if text is None:
            raise ProfileUnknown(name=name)
        stored = {field: self._read(_service(name), field) for field in _FIELDS}
        secrets = Secrets(**{field: Secret(value) for field, value in stored.items() if value})
        return Profile.from_json(name, text), secrets

    def save(self, profile: Profile, secrets: Secrets | None = None) -> None:
        """Store a profile; secrets that are given replace the stored ones (an empty one removes it)."""
        service = _service(profile.name)
        # The name comes first: what is not listed could never be deleted.
        self._list({*self.names(), profile.name})
        self._write(service, "profile", profile.to_json())
        for field in _FIELDS if secrets is not None else ():
            value = getattr(secrets, field)
            if value:
                self._write(service, field, value.unmask())
            else:
                self._delete(service, field)

    def delete(self, name: str) -> None:
        """Forget a profile and all of its secrets."""
        for field in ("profile", *_FIELDS):
            self._delete(_service(name), field)
        self._list({*self.names()} - {name})

    def _list(self, names: set[str]) -> None:
        if names:
            self._write(*INDEX, json.dumps(sorted(names), ensure_ascii=False))
        else:
            self._delete(*INDEX)

    def _read(self, service: str, user: str) -> str | None:
        try:
            return self._store.get_password(service, user)
        except KeyringError as error:
            raise KeyringUnusable(backend=self.backend.name) from error

    def _write(self, service: str, user: str, value: str) -> None:
        if len(value.encode("utf-16-le")) > 2 * MOST_UNITS:
            raise KeyringUnusable(f"{user}: longer than {MOST_UNITS} characters", backend=self.backend.name)
        try:
            self._store.set_password(service, user, value)
        except KeyringError as error:
            raise KeyringUnusable(backend=self.backend.name) from error

    def _delete(self, service: str, user: str) -> None:
        try:
            if self._store.get_password(service, user) is not None:
                self._store.delete_password(service, user)
        except PasswordDeleteError:
            return
        except KeyringError as error:
            raise KeyringUnusable(backend=self.backend.name) from error


_session = MemoryStore()


def open_vault() -> Vault:
    """The system's keyring where it keeps secrets safely, else the memory of this session."""
    chosen = keyring.get_keyring()
    info = BackendInfo(str(getattr(chosen, "name", type(chosen).__name__)), _is_safe(chosen))
    return Vault(keyring if info.usable else _session, info)


def _is_safe(backend: KeyringBackend) -> bool:
    """A chain is as safe as its weakest part: it falls back to it."""
    parts = getattr(backend, "backends", None)
    if parts is not None:
        return bool(parts) and all(_is_safe(part) for part in parts)
    kind = type(backend)
    package = any(kind.__module__ == unsafe or kind.__module__.startswith(f"{unsafe}.") for unsafe in UNSAFE)
    return not package and "plaintext" not in kind.__name__.lower()


def _service(name: str) -> str:
    return f"pve-igpu:{name}"
