"""The last step claims that every step is verified only where it is so - on its page and in the report."""

from __future__ import annotations

from pathlib import Path

from gui.snapshot import take
from guide.check import Verdict
from guide.report import write_report
from guide.session import Session
from guide.state import StepState
from tests.practice.conftest import Bench


def finished(session: Session) -> tuple[Verdict, str]:
    """The claim as the window shows it."""
    (check,) = take(session).steps["done"].evidence
    assert check.id == "guide-finished"
    return check.verdict, check.found


def test_open_steps_are_named_on_the_page_and_in_the_report(bench: Bench, tmp_path: Path) -> None:
    session = bench.session()
    bench.walk(session, until="cmdline")
    still_open = "1.2, 1.3, 2.1, 2.2, 3.1, 3.2, 4.1, 4.2, 4.3, 4.4"
    assert finished(session) == (Verdict.FAIL, still_open)
    report = write_report(session, tmp_path, "en").read_text(encoding="utf-8")
    assert "- Not so: Every step is verified" in report
    assert still_open in report


def test_it_is_so_at_the_end_and_no_longer_after_an_undo(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session)
    assert finished(session) == (Verdict.OK, "")
    session.undo("configure")
    assert finished(session) == (Verdict.FAIL, "4.3, 4.4")
    assert "configure" not in session.evidence, "what was seen before the undo proves nothing now"


def test_a_step_that_was_left_out_is_named(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="install")
    session.skip("remote")
    bench.walk(session)
    assert session.states["done"] is StepState.DONE
    assert finished(session) == (Verdict.WARN, "3.2")
