"""Scenario files that are not valid: `wrong/*.toml`, each with the begin of the sentence about it in its first line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from practice.scenario import FOLDER, ScenarioError, load_scenario, read_scenario
from practice.schema import FREE, keys

HERE = Path(__file__).resolve().parent
WRONG = sorted((HERE / "wrong").glob("*.toml"))


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_with_file_key_and_what_is_allowed(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    assert str(caught.value).startswith(tomllib.loads(first)["says"])


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'n200'; there are: .*n100-pve82.* and any file NAME\.toml"):
        load_scenario("n200")
    with pytest.raises(ScenarioError, match=r"x\.toml: No such file"):
        load_scenario(str(tmp_path / "x.toml"))
    with pytest.raises(ScenarioError, match="no scenario '_n100'"):
        load_scenario("_n100")


def test_a_file_extends_one_beside_it_or_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('extends = "n100-pve82"\n[hardware]\nthreads = 2\n', encoding="utf-8")
    (tmp_path / "other.toml").write_text('extends = "mine"\ntitle = "x"\n', encoding="utf-8")
    scenario = load_scenario(str(tmp_path / "other.toml"))
    assert (scenario.name, scenario.title, scenario.get("hardware.threads")) == ("other", "x", 2)
    assert scenario.get("pve.qemu") == load_scenario("n100-pve82").get("pve.qemu")


def test_every_key_is_documented() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    named: set[str] = set()
    for cell in re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE):
        section = ""
        for name in re.findall(r"`([\w.]+)`", cell):
            section = name.partition(".")[0] if not name.startswith(".") else section
            named.add(f"{section}{name}" if name.startswith(".") else name)
    assert {*keys(), *FREE} <= named
