"""A host with files and one VM, as far as changes need it; it fails on demand."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from guide.change import Change
from guide.clean import Redactor
from guide.errors import ApiRefused, AppError, CommandFailed, ConnectionLost, FileChangedMeanwhile
from guide.events import Event
from guide.host import CancelToken, CommandResult, FileState
from guide.journal import Journal
from guide.runner import Runner
from guide.session import Session
from guide.voice import Voice


class Api:
    """Virtual machines by number: "status" and "config"."""

    node = "pve"
    is_root_ticket = True

    def __init__(self) -> None:
        self.vms: dict[int, dict[str, Any]] = {}
        self.is_lost = False

    def get(self, path: str, **_: object) -> Any:
        if path == "version":
            return {"version": "8.2.4"}
        number = int(path.split("/")[3])
        if number not in self.vms:
            detail = f"Configuration file 'nodes/pve/qemu-server/{number}.conf' does not exist"
            raise ApiRefused(detail, method="GET", path=path, status="500")
        vm = self.vms[number]
        return {"status": vm["status"]} if path.endswith("/status/current") else {**vm["config"], "digest": "d"}

    def put(self, path: str, digest: str, delete: str = "", **values: str) -> None:
        if self.is_lost:
            raise ConnectionLost(host="192.0.2.10", port="8006")
        config = self.vms[int(path.split("/")[3])]["config"]
        for key in filter(None, delete.split(",")):
            del config[key]
        config.update(values)

    def post(self, path: str, **values: Any) -> str:
        if path == "nodes/pve/qemu":
            config = {"smbios1": "uuid=0", **{key: str(value) for key, value in values.items() if key != "vmid"}}
            self.vms[values["vmid"]] = {"status": "stopped", "config": config}
        else:
            status = "running" if path.endswith("/status/start") else "stopped"
            self.vms[int(path.split("/")[3])]["status"] = status
        return "UPID"

    def delete(self, path: str, **_: object) -> str:
        del self.vms[int(path.split("/")[3])]
        return "UPID"

    def wait_task(self, *_: object, **__: object) -> str:
        return "OK"


class Host:
    """`fails`: "" or what goes wrong now: "write" or "put" (the connection, before it), "command", "showcmd"."""

    address = name = "192.0.2.10"

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.api = Api()
        self.fails = ""
        self.commands: list[str] = []

    def read_file(self, path: str) -> FileState:
        text = self.files.get(path)
        return FileState(path, None if text is None else text.encode())

    def write_file(self, path: str, data: bytes, *, expect: bytes | None, backup: str | None) -> None:
        self._fail("write", ConnectionLost(host=self.address, port="22"))
        self._compare(path, expect)
        if backup and expect is not None:
            self.files[backup] = expect.decode()
        self.files[path] = data.decode()

    def remove_file(self, path: str, *, expect: bytes | None = None) -> None:
        self._compare(path, expect)
        del self.files[path]

    def upload(self, local: Path, remote: str, **_: object) -> str | None:
        self._fail("write", ConnectionLost(host=self.address, port="22"))
        self.files[remote] = local.read_text(encoding="utf-8")
        return self.sha256(remote)

    def sha256(self, path: str) -> str | None:
        text = self.files.get(path)
        return None if text is None else hashlib.sha256(text.encode()).hexdigest()

    def run(self, argv: list[str], **_: object) -> CommandResult:
        if argv[0] == "cp":
            assert argv[-1].startswith("/")
            self.files[argv[-1]] = self.files[argv[-2]]
        refused = argv[:2] == ["qm", "showcmd"] and self.fails == "showcmd"
        return CommandResult(255, "", "refused") if refused else CommandResult(0, "", "")

    def run_job(self, job: str, argv: list[str], **_: object) -> None:
        self._fail("command", CommandFailed(command=argv[0], status="1"))
        self.commands.append(job)

    def _fail(self, point: str, error: AppError) -> None:
        if self.fails == point:
            raise error

    def _compare(self, path: str, expect: bytes | None) -> None:
        text = self.files.get(path)
        if expect is not None and (text or "").encode() != expect:
            raise FileChangedMeanwhile(path=path)


class Bench:
    """The host, its journal, and the engine on them."""

    def __init__(self, folder: Path) -> None:
        self.host = Host()
        self.events: list[Event] = []
        self.journal = Journal(folder / "journal.jsonl")
        self.runner = Runner(self._any_host, self.journal, CancelToken())

    @property
    def _any_host(self) -> Any:
        return self.host

    @property
    def standing(self) -> list[str]:
        return [item.change for item in self.journal.standing()]

    def voice(self, step: str) -> Voice:
        return Voice(self.events.append, Redactor(), step)

    def apply(self, change: Change, step: str, fails: str = "") -> None:
        """Do it; `fails` is what the host does wrong, and then it must fail."""
        self.host.fails, self.host.api.is_lost = fails, fails == "put"
        try:
            self.runner.apply(change, self.voice(step))
        except AppError:
            assert fails
        else:
            assert not fails
        finally:
            self.host.fails, self.host.api.is_lost = "", False

    def undo(self, step: str | None = None) -> None:
        """Everything, or only the changes of one step; newest first."""
        for item in reversed(self.journal.standing()):
            if step in (None, item.step):
                self.runner.undo(item, self.voice(item.step))

    def session(self) -> Session:
        """Its survey is left out: the host has no hardware."""
        session = Session(self._any_host, None, self.journal, self.events.append)
        session.survey = lambda: None  # type: ignore[method-assign, assignment, return-value]
        return session
