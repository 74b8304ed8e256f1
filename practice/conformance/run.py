"""A whole recording against a fresh practice host, and the table of what came out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from practice.conformance.api import ApiReplay, absent_downloads
from practice.conformance.circumstances import arranged
from practice.conformance.cli import CliReplay
from practice.conformance.recording import Exchange, Recording
from practice.conformance.scene import recorded_scenario, tokens
from practice.conformance.web import Web
from practice.host import PracticeHost
from practice.scenario import Scenario

SPEED = 60.0
STAND_IN = "-device edu,"
ROOM = Path(__file__).resolve().parent


@dataclass
class Result:
    """How one exchange came out: `skipped` has the reason; both empty: equal."""

    exchange: Exchange
    differences: list[str] = field(default_factory=list)
    skipped: str = ""


@dataclass
class Report:
    """All results, in order."""

    results: list[Result] = field(default_factory=list)

    @property
    def different(self) -> list[Result]:
        return [result for result in self.results if result.differences and not result.skipped]

    @property
    def skipped(self) -> list[Result]:
        return [result for result in self.results if result.skipped]

    @property
    def summary(self) -> str:
        different, skipped = len(self.different), len(self.skipped)
        return f"equal {len(self.results) - different - skipped}, different {different}, skipped {skipped}"

    def table(self) -> str:
        """Every difference, every skip with its reason, and the numbers as the last line."""
        rows = []
        for result in self.results:
            number = f"{result.exchange.number + 1:>4}"
            if result.skipped:
                rows.append(f"{number}  skipped    {result.exchange.label}: {result.skipped}")
            elif result.differences:
                rows.append(f"{number}  different  {result.exchange.label}")
                rows += [f"{'':18}{text}" for text in result.differences]
        return "\n".join([*rows, self.summary])


@cache
def _rules(name: str, table: str) -> list[dict[str, Any]]:
    return list(tomllib.loads((ROOM / name).read_text(encoding="utf-8"))[table])


def skip_reason(exchange: Exchange) -> str:
    """Why this exchange is not compared; "" where it is."""
    for row in _rules("skips.toml", "skip"):
        if "answer" in row and str(row["answer"]) in exchange.text:
            return str(row["reason"])
        if "cli" in row and exchange.is_command and re.fullmatch(str(row["cli"]), exchange.label, re.S):
            return str(row["reason"])
        asked = "" if exchange.is_command else f"{exchange.method} {exchange.path}"
        if "api" in row and asked and re.fullmatch(str(row["api"]), asked):
            return str(row["reason"])
    return ""


def _loose(exchange: Exchange) -> bool:
    asked = f"{exchange.method} {exchange.path}"
    return any(re.fullmatch(str(row["api"]), asked) for row in _rules("rules.toml", "loose"))


def run(recording: Recording, base: Scenario, speed: float = SPEED) -> Report:
    """Replay `recording` on the hardware of `base`."""
    report = Report()
    host = PracticeHost(recorded_scenario(recording, base), speed=speed)
    with (
        host as access,
        Web(absent_downloads(recording)) as web_port,
        _compare(recording, host, access, web_port) as how,
    ):
        for exchange in recording.exchanges:
            with arranged(recording, exchange, host):
                found = how(exchange)
            reason = skip_reason(exchange)
            report.results.append(Result(exchange, [] if reason else found, reason))
    return report


@contextmanager
def _compare(
    recording: Recording, host: PracticeHost, access: Any, web_port: int
) -> Iterator[Callable[[Exchange], list[str]]]:
    if recording.is_cli:
        for user, name, privsep in tokens(recording):
            host.machine.pve.users.create_token(user, name, privsep, "")
        stand_ins = any(STAND_IN in exchange.text for exchange in recording.exchanges)
        yield CliReplay(host, access, stand_ins).differences
        return
    replay = ApiReplay(recording, host, access, web_port)
    for user, name, privsep in tokens(recording):
        replay.token(user, name, privsep)
    yield lambda exchange: replay.differences(exchange, _loose(exchange))
