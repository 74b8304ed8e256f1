"""Profiles and their secrets in the keyring of the operating system - or in memory, never in a plain file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from ssh.connection import Secrets
from ssh.errors import KeyringUnusable, ProfileInvalid
from ssh.profiles import Profile
from ssh.secret import Secret

INDEX = ("pve-igpu", "profiles")
"""Service and user of the entry that lists the profile names."""

UNSAFE = ("fail", "null", "plaintext", "file", "chainer")
"""Backends that keep nothing, or keep it readable (facts: test-host.md 4.6; keyrings.alt installs PlaintextKeyring)."""

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
        """A profile with whatever secrets are stored. Raises `ProfileInvalid` where there is none of that name."""
        text = self._read(_service(name), "profile")
        if text is None:
            raise ProfileInvalid(name=name, reason="not stored")
        stored = {field: self._read(_service(name), field) for field in _FIELDS}
        secrets = Secrets(**{field: Secret(value) for field, value in stored.items() if value})
        return Profile.from_json(name, text), secrets

    def save(self, profile: Profile, secrets: Secrets | None = None) -> None:
        """Store a profile; secrets that are given replace the stored ones (an empty one removes it)."""
        service = _service(profile.name)
        self._write(service, "profile", profile.to_json())
        for field in _FIELDS if secrets is not None else ():
            value = getattr(secrets, field)
            if value:
                self._write(service, field, value.unmask())
            else:
                self._delete(service, field)
        self._write(*INDEX, json.dumps(sorted({*self.names(), profile.name}), ensure_ascii=False))

    def delete(self, name: str) -> None:
        """Forget a profile and all of its secrets."""
        for field in ("profile", *_FIELDS):
            self._delete(_service(name), field)
        self._write(*INDEX, json.dumps([other for other in self.names() if other != name], ensure_ascii=False))

    def _read(self, service: str, user: str) -> str | None:
        try:
            return self._store.get_password(service, user)
        except KeyringError as error:
            raise KeyringUnusable(backend=self.backend.name) from error

    def _write(self, service: str, user: str, value: str) -> None:
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
    name = f"{type(backend).__module__}.{type(backend).__name__}".lower()
    inner = getattr(backend, "backends", None)
    if inner is not None:
        return all(_is_safe(part) for part in inner)
    return not any(word in name for word in UNSAFE)


def _service(name: str) -> str:
    return f"pve-igpu:{name}"
