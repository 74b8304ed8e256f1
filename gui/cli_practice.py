"""`pve-igpu practice list`, `serve` and `conformance`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import tomllib
from dataclasses import asdict
from types import FrameType

from practice.conformance.recording import RecordingError, load
from practice.conformance.run import run
from practice.faults import FaultError
from practice.host import PracticeHost
from practice.link import Link
from practice.scenario import ScenarioError, list_scenarios, load_scenario


def list_all(options: argparse.Namespace, language: str) -> int:
    """One line per scenario: name and title."""
    for name, title in list_scenarios(language):
        print(f"{name:28} {title}")
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
