"""Profiles and secrets in the keyring; nothing readable anywhere else."""

from __future__ import annotations

import pickle

import keyring
import pytest
from keyring.backends.fail import Keyring as FailKeyring

from ssh.connection import Secrets
from ssh.errors import ProfileInvalid, ProfileUnknown
from ssh.profiles import Profile
from ssh.secret import Secret
from ssh.vault import open_vault
from tests.conftest import MemoryKeyring

HOST = Profile("家里的服务器", "192.0.2.1", host_key="SHA256:" + "A" * 43)


def test_a_profile_and_its_secrets_come_back(fake_keyring: MemoryKeyring) -> None:
    vault = open_vault()
    assert vault.backend.usable
    vault.save(HOST, Secrets(password=Secret("秘密")))
    profile, secrets = open_vault().load(HOST.name)
    assert (profile, secrets.password.unmask()) == (HOST, "秘密")
    assert vault.names() == (HOST.name,)
    services = {service for service, _ in fake_keyring.entries}
    assert services == {"pve-igpu", f"pve-igpu:{HOST.name}"}


def test_a_forgotten_profile_leaves_nothing(fake_keyring: MemoryKeyring) -> None:
    vault = open_vault()
    vault.save(HOST, Secrets(password=Secret("x"), token_secret=Secret("y")))
    vault.delete(HOST.name)
    assert fake_keyring.entries == {}
    with pytest.raises(ProfileUnknown):
        vault.load(HOST.name)


def test_saving_without_secrets_keeps_the_stored_ones(fake_keyring: MemoryKeyring) -> None:
    vault = open_vault()
    vault.save(HOST, Secrets(password=Secret("x")))
    vault.save(HOST)
    assert vault.load(HOST.name)[1].password.unmask() == "x"


def test_without_a_safe_keyring_secrets_stay_in_memory() -> None:
    keyring.set_keyring(FailKeyring())
    vault = open_vault()
    assert not vault.backend.usable
    vault.save(HOST, Secrets(password=Secret("x")))
    assert open_vault().load(HOST.name)[1].password.unmask() == "x"
    vault.delete(HOST.name)


def test_a_plaintext_backend_is_refused() -> None:
    class PlaintextKeyring(MemoryKeyring):
        """As keyrings.alt installs it."""

    keyring.set_keyring(PlaintextKeyring())
    assert not open_vault().backend.usable


def test_a_secret_never_shows_itself() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {Secrets(password=secret)}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"address": "a b"},
        {"ssh_port": 0},
        {"api_port": 70000},
        {"auth": "key"},
        {"host_key": "md5"},
        {"api_token_id": "root@pam"},
    ],
)
def test_a_profile_that_could_never_connect_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ProfileInvalid):
        Profile(**{"name": "n", "address": "a", **values})  # type: ignore[arg-type]
