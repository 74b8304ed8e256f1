"""Profiles as they are stored: one file per case, "reason" is the field at fault or "" for a good one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ssh.errors import ProfileInvalid
from ssh.profiles import Profile

CASES = sorted((Path(__file__).parent / "cases/profiles").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_stored_profile_is_judged(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps(case["stored"])
    if case["reason"]:
        with pytest.raises(ProfileInvalid) as caught:
            Profile.from_json("home", text)
        assert caught.value.params["reason"] == case["reason"]
    else:
        profile = Profile.from_json("home", text)
        assert Profile.from_json("home", profile.to_json()) == profile


def test_text_that_is_no_json() -> None:
    with pytest.raises(ProfileInvalid) as caught:
        Profile.from_json("home", "{")
    assert caught.value.params == {"name": "home", "reason": "stored form"}


def test_the_api_user_follows_the_ssh_user() -> None:
    assert Profile("home", "192.0.2.1").login == "root@pam"
    assert Profile("home", "192.0.2.1", user="admin", api_user="admin@pve").login == "admin@pve"
