"""qemu-guest-agent over its serial line: commands as root without sshd and without a network."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.debian.tier import Answer


class AgentSilent(TimeoutError):
    """The agent did not answer in time: not started yet, or going down."""


class Agent:
    """Protocol: one JSON object per line (QEMU: docs/interop/qemu-ga.rst, qga/qapi-schema.json).

    Several threads may use it; each command is asked for again and again. `alive` raises where the machine is gone.
    """

    def __init__(self, path: Path, alive: Callable[[], None]) -> None:
        self._path, self._alive = path, alive
        self._link: socket.socket | None = None
        self._buffer = b""
        self._number = 0
        self._turn = threading.Lock()

    def wait(self, patience: float) -> None:
        """Until the agent answers."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self._synchronise()
                return
            except AgentSilent:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def run(self, command: str, stdin: bytes = b"", timeout: float = 120) -> Answer:
        """`sh -c command` as root; raises AgentSilent where it does not end in time."""
        self._synchronise()
        argument: dict[str, Any] = {"path": "/bin/sh", "arg": ["-c", command], "capture-output": True}
        if stdin:
            argument["input-data"] = base64.b64encode(stdin).decode()
        pid = self._call("guest-exec", argument)["pid"]
        deadline = time.monotonic() + timeout
        pause = 0.02
        while True:
            found = self._call("guest-exec-status", {"pid": pid})
            if found["exited"]:
                break
            if time.monotonic() > deadline:
                raise AgentSilent(f"{command[:100]}: not done within {timeout:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        out, err = (base64.b64decode(found.get(name, "")).decode(errors="replace") for name in ("out-data", "err-data"))
        return Answer(int(found.get("exitcode", 128 + int(found.get("signal", 0)))), out, err)

    def start(self, command: str) -> None:
        """`sh -c command` without waiting for its end."""
        self._synchronise()
        self._call("guest-exec", {"path": "/bin/sh", "arg": ["-c", command]})

    def _synchronise(self) -> None:
        """Whatever an agent said before a restart is dropped (guest-sync-delimited answers after a byte 0xff)."""
        with self._turn:
            self._number += 1
            self._send(b"\xff" + _line("guest-sync-delimited", {"id": self._number}))
            while True:
                answer = self._receive(3).rpartition(b"\xff")[2]
                if answer.startswith(b"{") and json.loads(answer).get("return") == self._number:
                    return

    def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        with self._turn:
            self._send(_line(name, arguments))
            answer = json.loads(self._receive(30))
        if "error" in answer:
            raise RuntimeError(f"guest agent, {name}: {answer['error']['desc']}")
        return answer["return"]

    def _send(self, data: bytes) -> None:
        self._alive()
        try:
            if self._link is None:
                self._link = socket.socket(socket.AF_UNIX)
                self._link.connect(str(self._path))
            self._link.settimeout(3)
            self._link.sendall(data)
        except (TimeoutError, FileNotFoundError, ConnectionRefusedError) as error:
            self.close()
            raise AgentSilent("nobody reads the agent's line") from error

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None

    def _receive(self, patience: float) -> bytes:
        assert self._link is not None
        self._link.settimeout(patience)
        while b"\n" not in self._buffer:
            try:
                more = self._link.recv(65536)
            except ConnectionResetError:
                more = b""
            except TimeoutError as error:
                self._alive()
                raise AgentSilent(f"no answer within {patience:.0f} s") from error
            if not more:
                self.close()
                self._alive()
                raise AgentSilent("the line was closed")
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line


def _line(name: str, arguments: dict[str, Any]) -> bytes:
    return json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n"
