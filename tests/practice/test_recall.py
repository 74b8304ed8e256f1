"""A later session goes on with what was chosen, on this workstation and on another one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from guide.choices import Choices, IsoSource
from guide.recall import kept, recalled
from guide.state import StepState
from tests.practice.conftest import Bench


def open_steps(session_states: dict[str, StepState]) -> list[str]:
    return [step_id for step_id, state in session_states.items() if state is not StepState.DONE]


def test_a_finished_guide_is_finished_for_a_session_without_answers(bench: Bench) -> None:
    choices = replace(bench.choices, pass_audio=False)
    bench.walk(bench.session(choices))
    again = bench.session_without_answers()
    again.survey()
    assert open_steps(again.states) == []
    assert again.choices.rom == choices.rom
    assert not again.choices.pass_audio


def test_another_workstation_knows_the_rom_by_its_name_on_the_host(bench: Bench, tmp_path: Path) -> None:
    bench.walk(bench.session())
    for name in ("n100.rom", "Win10_22H2_practice.iso"):
        (bench.access.answers.parent / name).unlink()
    elsewhere = bench.session_without_answers(tmp_path / "another workstation")
    elsewhere.survey()
    assert (elsewhere.choices.rom, elsewhere.choices.rom_name) == ("", "n100.rom")
    assert elsewhere.choices.windows_iso == IsoSource()
    assert open_steps(elsewhere.states) == []


def test_given_answers_win_over_remembered_ones(bench: Bench) -> None:
    bench.walk(bench.session(), until="create")
    other = replace(bench.choices, pass_audio=False)
    session = bench.session(other)
    session.survey()
    assert session.choices == other


def test_consents_are_not_remembered() -> None:
    choices = Choices(reboot="yes", display_goes_dark="yes", picture="yes", rom_name="a.rom")
    assert recalled({"choices": kept(choices)}) == Choices(rom_name="a.rom")


def test_choices_of_another_version_are_the_defaults() -> None:
    assert recalled({"choices": {"vm": {"colour": "red"}}}) == Choices()
    assert recalled({"choices": "none"}) == Choices()
