"""`pve-igpu practice list`, `new`, `serve` and `conformance`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import tomllib
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from guide.bundle.machine import Release, as_scenario
from guide.bundle.store import load_bundle
from guide.clean import clean
from guide.errors import PracticeUnusable
from guide.message import message
from guide.text import Catalogue
from practice.conformance.recording import RecordingError, load
from practice.conformance.run import run
from practice.faults import FaultError
from practice.host import PracticeHost
from practice.link import Link
from practice.scenario import ScenarioError, list_scenarios, load_scenario, scenario_of
from practice.written import as_text, parts, taken_over


def list_all(options: argparse.Namespace, language: str) -> int:
    """One line per scenario: name and title."""
    listed = list_scenarios(language)
    wide = max(len(machine.name) for machine in listed)
    for machine in listed:
        print(f"{machine.name:{wide}}  {machine.title}")
    return 0


def new(options: argparse.Namespace, language: str) -> int:
    """Write a scenario from a survey; what the survey does not say is filled in and listed."""
    catalogue = Catalogue.load(language)
    releases = [
        Release(part.name, part.get("pve.manager"), part.get("kernel.release"), part.get("pve.qemu"))
        for part in parts()
    ]
    made = as_scenario(load_bundle(options.bundle), options.bundle.stem, tuple(releases))
    target = options.output or Path(f"{options.bundle.stem}.toml")
    try:
        assumed = made.assumed + taken_over(made.table, scenario_of(target, made.table))
    except ScenarioError as error:
        raise PracticeUnusable(str(error), name=options.bundle.name) from error
    remarks = [
        catalogue.render(message("survey.assumed", key=clean(key), value=clean(value))) for key, value in assumed
    ]
    with target.open("x", encoding="utf-8", newline="\n") as file:
        file.write(as_text(made.table, remarks))
    print("\n".join(remarks))
    print(catalogue.render(message("survey.scenario-written", path=str(target))))
    return 0


def serve(options: argparse.Namespace, language: str) -> int:
    """Print one JSON line and serve until SIGINT or SIGTERM."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    link = None if options.round_trip is None else Link(options.round_trip / 1000)
    ports = {"ssh_port": options.ssh_port, "api_port": options.api_port}
    try:
        faults = tomllib.loads(options.faults.read_text(encoding="utf-8")) if options.faults else None
        host = PracticeHost(options.scenario, speed=options.speed, link=link, faults=faults, **ports)
    except (OSError, ValueError, FaultError, ScenarioError) as error:
        print(error, file=sys.stderr)
        return 2
    with host as access:
        line = {key: str(value) if key in ("ca", "answers") else value for key, value in asdict(access).items()}
        print(json.dumps(line), flush=True)
        while not ended.wait(0.5):
            pass
    return 0


def conformance(options: argparse.Namespace, language: str) -> int:
    """A table of what differs; 0 where nothing does."""
    try:
        report = run(load(options.file), load_scenario(options.scenario))
    except (RecordingError, ScenarioError) as error:
        print(error, file=sys.stderr)
        return 2
    print(report.table())
    return 1 if report.different else 0
