"""A step that cannot go on says why, in sentences; and what the person decided is no failure of the step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guide.errors import Declined, FindingForbids, StepNotReady, VerificationFailed
from guide.events import Failed
from guide.state import StepState
from guide.text import LANGUAGES, Catalogue
from practice.sshd import run_on
from tests.practice.conftest import Bench

LOCKED = {
    "en": ("Step 4.3 cannot start yet", "The VM is locked by PVE (backup). Wait until that is over."),
    "zh_CN": ("步骤 4.3 还不能开始", "虚拟机被 PVE 锁定（backup）。请等它结束。"),
}


def told(bench: Bench) -> Failed:
    return next(event for event in reversed(bench.events) if isinstance(event, Failed))


def test_a_locked_vm_is_named_with_its_lock(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="rom")
    digest = session.plan("configure").digest
    bench.host.call(run_on(bench.host.machine, "qm set 100 --lock backup"))
    with pytest.raises(StepNotReady):
        session.run("configure", digest)
    for language in LANGUAGES:
        text = Catalogue.load(language).error(told(bench))
        assert (text.what, *text.reasons) == LOCKED[language]
        assert "{" not in text.line
    assert session.states["configure"] is StepState.NEEDS_YOU
    bench.host.call(run_on(bench.host.machine, "qm unlock 100"))
    session.survey()
    assert session.blockers("configure") == ()
    assert session.states["configure"] is StepState.READY


def test_a_declined_consent_leaves_the_step_as_it_was(bench: Bench) -> None:
    session = bench.session(replace(bench.choices, display_goes_dark="no"))
    bench.walk(session, until="vfio")
    with pytest.raises(Declined):
        session.run("reboot", session.plan("reboot").digest)
    assert Catalogue.load("en").error(told(bench)).reasons == ("The host's own screen will stay dark",)
    assert session.states["reboot"] is StepState.READY


def test_checks_that_do_not_hold_are_named_by_their_claims(bench: Bench) -> None:
    session = bench.session(replace(bench.choices, picture="no", sound="no"))
    with pytest.raises(VerificationFailed):
        bench.walk(session)
    text = Catalogue.load("en").error(told(bench))
    assert text.line == "Step 4.4 ran, but this does not hold: You see the picture on the monitor · You hear the sound"
    assert session.states["driver"] is StepState.FAILED


@pytest.mark.parametrize("scenario", ["vtd-off"])
def test_a_forbidding_finding_is_named_by_its_claim(bench: Bench) -> None:
    session = bench.session()
    with pytest.raises(FindingForbids):
        bench.walk(session)
    claim = Catalogue.load("en").render(session.view.findings[0].claim) if session.view else ""
    assert claim in Catalogue.load("en").error(told(bench)).reasons
