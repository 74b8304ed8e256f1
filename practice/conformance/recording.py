"""A file of recorded exchanges: API calls or commands, one JSON object per line, in the order of their time."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

BASE = "/api2/json"


class RecordingError(Exception):
    """The file is no recording."""


@dataclass(frozen=True)
class Exchange:
    """One line. `number` counts from 0."""

    number: int
    record: dict[str, Any]

    @property
    def is_command(self) -> bool:
        return "cmd" in self.record

    @property
    def label(self) -> str:
        text = self.record["cmd"] if self.is_command else self.record.get("label", self.request["path"])
        return str(text).replace("\n", " ")

    @property
    def request(self) -> dict[str, Any]:
        return dict(self.record["request"])

    @property
    def method(self) -> str:
        return str(self.request["method"])

    @property
    def path(self) -> str:
        """Below /api2/json, without the query."""
        return str(self.request["path"]).removeprefix(BASE).partition("?")[0]

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.request.get("params") or {})

    @property
    def response(self) -> dict[str, Any]:
        return dict(self.record["response"])

    @property
    def good(self) -> bool:
        return bool(self.record["rc"] == 0 if self.is_command else self.response.get("status") == 200)

    @property
    def data(self) -> Any:
        """`data` of the recorded body."""
        body = self.response.get("body")
        return body.get("data") if isinstance(body, dict) else None

    @property
    def text(self) -> str:
        """Everything that was answered, as one text."""
        if self.is_command:
            return f"{self.record['stdout']}{self.record['stderr']}"
        return json.dumps(self.response, ensure_ascii=False)


@dataclass(frozen=True)
class Recording:
    """All exchanges of a file."""

    name: str
    exchanges: list[Exchange]

    @property
    def is_cli(self) -> bool:
        return self.exchanges[0].is_command

    @cached_property
    def version(self) -> tuple[str, str]:
        """(8.2.4, repository id) as the recorded host says; of the file's name where it does not."""
        for exchange in self.exchanges:
            if exchange.is_command:
                match = re.search(r"pve-manager/([\d.]+)/(\w+)", exchange.text)
                if match:
                    return match[1], match[2]
            elif exchange.path in ("/version", "/version/") and exchange.good:
                return str(exchange.data["version"]), str(exchange.data["repoid"])
        match = re.search(r"(\d+\.\d+(?:\.\d+)?)", self.name)
        if not match:
            raise RecordingError(f"{self.name}: neither an exchange nor the name tells the version")
        return match[1], ""

    def task(self, upid: str, kind: str = "log") -> Any:
        """What was recorded of a task: its log lines as one text, or its state; None where it was not asked."""
        for exchange in self.exchanges:
            if not exchange.is_command and exchange.path.endswith(f"{upid}/{kind}") and exchange.good:
                lines = exchange.data
                return "\n".join(str(line["t"]) for line in lines) if isinstance(lines, list) else lines
        return None


def load(path: Path) -> Recording:
    """Raises `RecordingError`."""
    exchanges = []
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            exchanges.append(Exchange(number, json.loads(line)))
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path}: {error}") from error
    if not exchanges:
        raise RecordingError(f"{path}: nothing is recorded there")
    return Recording(path.name, exchanges)
