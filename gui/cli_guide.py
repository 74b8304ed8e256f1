"""`pve-igpu survey`, `guide` and `undo`: the engine without a window."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_data_path

from gui import cli_survey
from gui.cli_listener import Listener
from gui.cli_stop import Stop
from gui.cli_target import Target, open_target
from guide.answers import load_answers
from guide.ask import Asker
from guide.bundle.store import load_bundle
from guide.chapters.catalogue import STEPS
from guide.choices import Choices
from guide.clean import Redactor
from guide.errors import FindingForbids
from guide.journal import Journal, journal_path
from guide.message import message
from guide.recheck import Fit, recheck
from guide.remedies import offered
from guide.report import write_report
from guide.session import Session
from guide.standing import stopping
from guide.state import StepState
from guide.text import Catalogue

__all__ = ["check", "guide", "survey", "undo"]

CHECKED = {Fit.FITS: 0, Fit.CHANGES: 13, Fit.IMPOSSIBLE: 10, Fit.NOTHING: 14}
"""Exit codes of `pve-igpu check`, as the README lists them."""


def open_session(target: Target, choices: Choices | None, listener: Listener, stop: Stop | None = None) -> Session:
    """A session with the host's journal; questions without an answer end the run. `stop` hears its events first."""
    folder = user_data_path("pve-igpu", appauthor=False) / "journals"
    journal = Journal.open(journal_path(folder, target.host.fingerprint))
    asker = Asker(listener.cannot_ask)
    return Session(target.host, choices, journal, stop or listener, Redactor(target.secrets), asker)


def survey(options: argparse.Namespace, language: str) -> int:
    """Print what a host is and what was found (or everything as JSON); nothing is written on the host."""
    catalogue = Catalogue.load(language)
    if options.bundle:
        return cli_survey.show(load_bundle(options.bundle), options, catalogue)
    with open_target(options) as target:
        session = open_session(target, _answers(options, target), Listener(catalogue, quiet=True))
        view = session.survey()
        return cli_survey.show(view.facts, options, catalogue, session)


def check(options: argparse.Namespace, language: str) -> int:
    """Say whether the set-up still fits, and show what would be changed; nothing is written on the host."""
    catalogue = Catalogue.load(language)
    with open_target(options) as target:
        listener = Listener(catalogue)
        found = recheck(open_session(target, _answers(options, target), Listener(catalogue, quiet=True)).survey())
        print(catalogue.render(found.verdict))
        listener.findings(found.findings)
        listener.changes(found.changes)
        if found.fit is Fit.CHANGES:
            print("\n" + catalogue.render(message("recheck.do")))
    return CHECKED[found.fit]


def guide(options: argparse.Namespace, language: str) -> int:
    """Walk all steps; exit 0 only when every one is verified. The report is written in any case."""
    with open_target(options) as target:
        listener = Listener(Catalogue.load(language))
        stop = _stop(listener, language)
        session = open_session(target, _answers(options, target), listener, stop)
        camera = _camera(options, language)
        try:
            with stop.guarding(session):
                session.survey()
                for step in STEPS:
                    camera(session, step.id, "before")
                    stop.check()
                    _walk(session, step.id, listener)
                    camera(session, step.id, "after")
        except FindingForbids:
            if session.view:
                listener.findings(stopping(session.view.findings), offered(session.view))
            raise
        finally:
            if options.report:
                page = write_report(session, options.report, language, listener.failed)
                print(page)
    return 0


def undo(options: argparse.Namespace, language: str) -> int:
    """Undo down to and including a step, or everything."""
    to_step = _step_id(options.to) if options.to else None
    with open_target(options) as target:
        listener = Listener(Catalogue.load(language))
        stop = _stop(listener, language)
        session = open_session(target, None, listener, stop)
        with stop.guarding(session):
            session.survey()
            stop.check()
            session.undo(to_step)
    return 0


def _stop(listener: Listener, language: str) -> Stop:
    return Stop(listener, Catalogue.load(language).render(message("log.stopping")))


def _walk(session: Session, step_id: str, listener: Listener) -> None:
    if step_id in session.choices.skip and session.step(step_id).optional:
        session.skip(step_id)
    if session.states[step_id] is StepState.SKIPPED:
        return
    listener.step(session.step(step_id))
    plan = session.plan(step_id)
    session.run(step_id, plan.digest)


def _answers(options: argparse.Namespace, target: Target) -> Choices | None:
    """None: those of the last session on this host."""
    path: Path | None = getattr(options, "answers", None) or target.answers
    return load_answers(path) if path else None


def _step_id(name: str) -> str:
    for step in STEPS:
        if name in (step.id, step.number):
            return step.id
    print(f"pve-igpu: no such step: {name} ({', '.join(step.id for step in STEPS)})", file=sys.stderr)
    raise SystemExit(2)


def _camera(options: argparse.Namespace, language: str) -> Callable[[Session, str, str], object]:
    """Takes pictures of the pages where they are wanted; Qt is loaded only then."""
    if not (options.report and options.screenshots):
        return lambda session, step_id, moment: None
    from gui.screenshots import Photographer

    return Photographer(options.report / "screenshots", (language,), ("light", "dark")).take
