"""What holds for every test: no display, no home of anybody, no keyring but a fake one, no unexpected warnings."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from tests.debian.table import pytest_runtest_logreport, pytest_terminal_summary

__all__ = ["pytest_runtest_logreport", "pytest_terminal_summary"]

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_addoption(parser: pytest.Parser) -> None:
    """For tests/debian; here, because only this file is read before the command line is understood."""
    tiers = ("practice", "light", "vm", "all")
    parser.addoption("--tier", action="append", choices=tiers, help="tests/debian: only this tier (again for more)")
    parser.addoption("--record", action="store_true", help="tests/debian: write what is seen as what is expected")


class MemoryKeyring(KeyringBackend):
    """Keeps secrets for one test."""

    priority = 1  # type: ignore[assignment]
    name = "memory of a test"

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        self.entries.pop((service, username), None)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person who runs the tests is read or written."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name, folder in (("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("LOCALAPPDATA", "local")):
        monkeypatch.setenv(name, str(home / folder))


@pytest.fixture(autouse=True)
def fake_keyring() -> Iterator[MemoryKeyring]:
    """An empty keyring."""
    before = keyring.get_keyring()
    fake = MemoryKeyring()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def _no_unexpected_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A log record of WARNING or higher fails the test that did not ask for it by `caplog.clear()`."""
    yield
    records = [record for phase in ("setup", "call") for record in caplog.get_records(phase)]
    unexpected = [record.getMessage() for record in records if record.levelno >= logging.WARNING]
    assert unexpected == [], "unexpected log records"
