"""The small protocol over which the guide talks to a host. `ssh.host.SshHost` fulfils it; tests use a fake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from ssh.result import CancelToken, CommandResult, FileState, LineSink, ProgressSink

__all__ = ["Api", "CancelToken", "CommandResult", "FileState", "Host", "LineSink", "ProgressSink"]


class Api(Protocol):
    """The Proxmox API of one host. Paths are given without /api2/json, e.g. `nodes/pve/qemu`.

    Errors: `ApiRefused` (status and PVE's reason), `AuthenticationFailed`, `ConnectionLost`, `TlsNotVerified`.
    """

    @property
    def node(self) -> str:
        """The node's name, as PVE knows it."""

    @property
    def is_root_ticket(self) -> bool:
        """Whether this is a root@pam password login: only that may set args, raw hostpciN and romfile by API."""

    def get(self, path: str, **params: Any) -> Any:
        """GET; the decoded `data`."""

    def post(self, path: str, **params: Any) -> Any:
        """POST; the decoded `data` (often a UPID)."""

    def put(self, path: str, **params: Any) -> Any:
        """PUT; the decoded `data`."""

    def delete(self, path: str, **params: Any) -> Any:
        """DELETE; the decoded `data`."""

    def wait_task(
        self, upid: str, on_line: LineSink | None = None, cancel: CancelToken | None = None, timeout: float = 600
    ) -> str:
        """Follow a task to its end, its log lines to `on_line("task", line)`; return the exit status.

        "OK" and "WARNINGS: n" are success (facts: pve-behaviour.md section 6); anything else raises `TaskFailed`.
        """


class Host(Protocol):
    """One host behind one verified connection. All calls block; they are made from one worker thread.

    Commands run as root (through sudo where the user is not root). Errors: `CommandFailed` and its kin,
    `ConnectionLost`, `ConnectionFailed`, `Cancelled`.
    """

    @property
    def name(self) -> str:
        """What the person calls this host (profile name or address)."""

    @property
    def address(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """SHA256:... of the host key; it identifies the host's journal."""

    @property
    def is_practice(self) -> bool:
        """Whether this is the simulated host; the report and the window say so everywhere."""

    @property
    def web_page(self) -> str:
        """URL of PVE's own web page; "" for a practice host, which has none."""

    @property
    def api(self) -> Api:
        """The API connection, opened on first use."""

    def run(
        self,
        argv: Sequence[str],
        *,
        check: bool = True,
        stdin: bytes = b"",
        timeout: float = 60,
        on_line: LineSink | None = None,
        cancel: CancelToken | None = None,
    ) -> CommandResult:
        """Run one command (quoted by shlex, LC_ALL=C); with `check` a status other than 0 raises `CommandFailed`."""

    def script(self, text: str, args: Sequence[str] = (), *, timeout: float = 60) -> CommandResult:
        """Run a POSIX sh script in one exec (`sh -c text name args...`); never raises for its exit status."""

    def run_job(
        self,
        job: str,
        argv: Sequence[str],
        *,
        of: str = "",
        timeout: float = 900,
        on_line: LineSink | None = None,
        cancel: CancelToken | None = None,
    ) -> CommandResult:
        """Run a long command detached on the host, so that it survives the connection, and follow its log.

        `job` names it, and `of` is what it works on (the new content of a file): a second call with the same unfinished
        job picks it up instead of starting it again; any other waits until that one has ended.
        """

    def read_file(self, path: str) -> FileState:
        """Read a small file; a missing file is a FileState with data None."""

    def write_file(
        self, path: str, data: bytes, *, expect: bytes | None, backup: str | None, mode: int = 0o644
    ) -> None:
        """Replace a file atomically (temp in the same folder, fsync, mode and owner kept, rename) and read it back.

        `expect` is what the file must hold now (None: it must not exist), else `FileChangedMeanwhile` and nothing is
        written. `backup` is where the old content is copied first (folders made, mode 0600 in a 0700 folder); None
        for no backup. `mode` counts only where the file is new.
        """

    def remove_file(self, path: str, *, expect: bytes | None = None) -> None:
        """Remove a file; `expect` as in `write_file` (None: do not compare). A missing file is no error."""

    def upload(
        self,
        local: Path,
        remote: str,
        *,
        progress: ProgressSink | None = None,
        cancel: CancelToken | None = None,
    ) -> str:
        """Copy a local file to the host (temp name, rename at the end); return the sha256 proven on both ends."""

    def sha256(self, path: str) -> str | None:
        """The sha256 of a file on the host, computed there; None where it does not exist."""

    def tcp_open(self, address: str, port: int, timeout: float = 5) -> bool:
        """Whether a TCP connection from the host to address:port opens (through SSH direct-tcpip)."""

    def reboot(self) -> None:
        """Ask the host to restart. Returns at once; the connection will drop."""

    def reconnect(self, *, cancel: CancelToken | None = None, timeout: float = 10) -> None:
        """Open the connection again (same pinned key). Raises `ConnectionFailed` where it does not come up."""

    def close(self) -> None: ...
