"""The survey's script in real shells on this computer: whatever is missing here, it comes to its end."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from guide.facts.frame import sections
from guide.facts.script import SURVEY
from guide.facts.survey import parse_survey

SHELLS = {"dash": ["dash"], "busybox": ["busybox", "sh"], "bash": ["bash", "--posix"]}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    program, *more = SHELLS[request.param]
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"no {program} on this computer")
    return [found, *more]


def run(shell: list[str], path: str | None) -> subprocess.CompletedProcess[str]:
    environment = None if path is None else {"PATH": path}
    return subprocess.run(
        [*shell, "-c", SURVEY, "pve-igpu", "@w", "9.2"], capture_output=True, text=True, env=environment, timeout=60
    )


def test_every_section_begins_and_ends(shell: list[str]) -> None:
    done = run(shell, None)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("@w begin ") == done.stdout.count("\n@w end\n") == len(sections(done.stdout, "@w"))
    facts = parse_survey(sections(done.stdout, "@w"), "@w", 0.0)
    assert facts.versions.kernel
    assert facts.boot_id


def test_a_host_without_any_program_is_an_empty_survey_not_a_failed_one(shell: list[str]) -> None:
    done = run(shell, "/nonexistent")
    assert done.returncode == 0
    found = sections(done.stdout, "@w")
    assert {"cmdline", "packages", "vms", "pci", "addresses"} <= set(found)
    assert parse_survey(found, "@w", 0.0).versions.qemu is None


def test_the_script_is_one_argument() -> None:
    """Linux takes 128 KiB in one argument (MAX_ARG_STRLEN); the first packet of a channel takes 32 KiB."""
    assert len(SURVEY) < 16_000
