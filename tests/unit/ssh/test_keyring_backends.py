"""Keyrings that must not be trusted, and those that fail in the middle."""

from __future__ import annotations

from types import ModuleType

import keyring
import pytest
from keyring.backends.chainer import ChainerBackend
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked

from ssh.connection import Secrets
from ssh.errors import KeyringUnusable
from ssh.profiles import Profile
from ssh.secret import Secret
from ssh.vault import open_vault
from tests.conftest import MemoryKeyring

HOST = Profile("home", "192.0.2.1")


class Locked(MemoryKeyring):
    """A Secret Service without anybody to unlock it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("locked")


class LosesSecrets(MemoryKeyring):
    """Keeps profiles; fails at the first password."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if username == "password":
            raise KeyringLocked("locked")
        super().set_password(service, username, password)


def chain(*parts: object) -> ChainerBackend:
    made = type("Chain", (ChainerBackend,), {"backends": list(parts), "priority": 10})
    return made()


def of_module(name: str) -> MemoryKeyring:
    """A backend as that package would define it."""
    module = ModuleType(name)
    made = type("SomeKeyring", (MemoryKeyring,), {"__module__": module.__name__, "priority": 1})
    return made()


@pytest.mark.parametrize(
    "backend",
    [
        NullKeyring(),
        of_module("keyrings.alt.file"),
        of_module("keyrings.alt.Windows"),
        chain(MemoryKeyring(), of_module("keyrings.alt.file")),
        chain(),
    ],
    ids=["null", "alt-file", "alt-registry", "chain", "empty-chain"],
)
def test_a_backend_that_keeps_nothing_or_keeps_it_readable(backend: MemoryKeyring) -> None:
    keyring.set_keyring(backend)
    vault = open_vault()
    assert not vault.backend.usable
    vault.save(HOST, Secrets(password=Secret("hunter2")))
    assert open_vault().load("home")[1].password.unmask() == "hunter2"
    assert getattr(backend, "entries", {}) == {}
    vault.delete("home")
    assert open_vault().names() == ()


@pytest.mark.parametrize("backend", [of_module("keyring.backends.macOS"), chain(MemoryKeyring(), MemoryKeyring())])
def test_a_backend_that_is_safe(backend: MemoryKeyring) -> None:
    keyring.set_keyring(backend)
    assert open_vault().backend.usable


def test_a_locked_keyring_says_so_without_the_secret() -> None:
    keyring.set_keyring(Locked())
    with pytest.raises(KeyringUnusable) as caught:
        open_vault().save(HOST, Secrets(password=Secret("hunter2")))
    assert caught.value.params == {"backend": "memory of a test"}
    assert "hunter2" not in str(caught.value)


def test_what_was_half_saved_can_be_deleted() -> None:
    backend = LosesSecrets()
    keyring.set_keyring(backend)
    vault = open_vault()
    with pytest.raises(KeyringUnusable):
        vault.save(HOST, Secrets(password=Secret("hunter2")))
    assert vault.names() == ("home",)
    vault.delete("home")
    assert backend.entries == {}


def test_an_emptied_secret_is_removed(fake_keyring: MemoryKeyring) -> None:
    vault = open_vault()
    vault.save(HOST, Secrets(password=Secret("hunter2"), passphrase=Secret("sesame")))
    vault.save(HOST, Secrets(passphrase=Secret("sesame")))
    assert "hunter2" not in fake_keyring.entries.values()
    assert vault.load("home")[1] == Secrets(passphrase=Secret("sesame"))


@pytest.mark.parametrize("index", ["{", "3", '{"home": 1}'])
def test_a_spoilt_index_is_an_empty_one(fake_keyring: MemoryKeyring, index: str) -> None:
    fake_keyring.entries[("pve-igpu", "profiles")] = index
    assert open_vault().names() == ()


def test_what_windows_could_not_keep_is_refused_everywhere(fake_keyring: MemoryKeyring) -> None:
    """2560 bytes of UTF-16 are the most (facts: anchors.md 5); a private key does not belong there anyway."""
    vault = open_vault()
    vault.save(HOST, Secrets(password=Secret("密" * 1280)))
    with pytest.raises(KeyringUnusable):
        vault.save(HOST, Secrets(password=Secret("密" * 1281)))
