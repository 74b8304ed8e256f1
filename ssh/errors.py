"""The error tree of the application.

An error carries no sentence: it carries a `code` and parameters, and the catalogues in `resources/text/<language>/`
hold what happened, what it means and what to do (`error.<code>.what`, `.means`, `.do`) in every language. Text that
came from a host goes into `detail`, cleaned by the listener before it is shown, never into the sentences.
"""

from __future__ import annotations

from typing import ClassVar


class AppError(Exception):
    """An error that a person may see. `code` names its sentences; `params` fill them; `detail` quotes the host."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str = "", /, **params: str) -> None:
        super().__init__(self.code)
        self.detail = detail
        self.params = params

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={value}" for key, value in sorted(self.params.items()))
        quoted = f": {self.detail}" if self.detail else ""
        return f"{self.code}({inside}){quoted}"


class ConnectionFailed(AppError):
    """The host could not be reached, or the connection died and did not come back. Params: host, port."""

    code = "connection-failed"
    exit_code = 11


class ConnectionLost(ConnectionFailed):
    """The connection died during a command. Params: host."""

    code = "connection-lost"


class AuthenticationFailed(ConnectionFailed):
    """SSH login refused. Params: host, user."""

    code = "authentication-failed"


class ApiLoginRefused(AuthenticationFailed):
    """The Proxmox API refused the login, or no password for it is known. Params: host, user (of the API, or token)."""

    code = "api-login-refused"


class SecondFactorNeeded(AuthenticationFailed):
    """The API wants a one-time code (TFA) that was not given or not accepted. Params: user."""

    code = "second-factor-needed"


class HostKeyUnknown(ConnectionFailed):
    """First contact and nobody accepted the fingerprint. Params: host, fingerprint."""

    code = "host-key-unknown"


class HostKeyChanged(ConnectionFailed):
    """The host shows another key than the pinned one. Params: host, pinned, shown."""

    code = "host-key-changed"


class TlsNotVerified(ConnectionFailed):
    """The API's certificate could not be verified. Params: host."""

    code = "tls-not-verified"


class SudoRefused(ConnectionFailed):
    """A user who is not root cannot become root. Params: user."""

    code = "sudo-refused"


class KeyringUnusable(AppError):
    """No keyring that keeps secrets safely; they stay in memory for this session. Params: backend."""

    code = "keyring-unusable"


class ProfileInvalid(AppError):
    """A stored profile cannot be used. Params: name, reason."""

    code = "profile-invalid"
    exit_code = 2


class ProfileUnknown(AppError):
    """No profile of that name is stored. Params: name."""

    code = "profile-unknown"
    exit_code = 2


class CommandFailed(AppError):
    """A command on the host ended with another status than 0. Params: command, status. detail: its own words."""

    code = "command-failed"
    exit_code = 12


class CommandTimeout(CommandFailed):
    """A command did not end in time. Params: command, seconds."""

    code = "command-timeout"


class ApiRefused(AppError):
    """The Proxmox API refused a call. Params: method, path, status. detail: PVE's reason (and errors per parameter)."""

    code = "api-refused"
    exit_code = 12


class TaskFailed(AppError):
    """A Proxmox task ended with an error. Params: upid, kind. detail: its exit status and last log lines."""

    code = "task-failed"
    exit_code = 12


class FileChangedMeanwhile(AppError):
    """A file is not what it was when the change was previewed. Params: path."""

    code = "file-changed-meanwhile"
    exit_code = 12


class FileNotWritten(AppError):
    """A file could not be written or read back as written. Params: path. detail: the host's words."""

    code = "file-not-written"
    exit_code = 12


class Cancelled(AppError):
    """The person asked to stop. Not a failure: everything done so far stays done and is in the journal."""

    code = "cancelled"
    exit_code = 15
