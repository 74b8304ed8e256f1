"""Talking to Windows through the guest agent: one exec, one JSON answer (facts: windows-and-rom.md A.5)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from guide.errors import GuestFailed
from guide.host import Api, CancelToken

QUESTIONS = r"""
[Console]::OutputEncoding=[Text.Encoding]::UTF8
$setup = Get-ItemProperty 'HKLM:\SYSTEM\Setup'
$terminal = Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server'
[pscustomobject]@{
  setup_in_progress = [int]$setup.SystemSetupInProgress
  oobe_in_progress = [int]$setup.OOBEInProgress
  deny_remote_desktop = [int]$terminal.fDenyTSConnections
  display = @(Get-CimInstance Win32_VideoController |
    Select-Object Name,PNPDeviceID,ConfigManagerErrorCode,DriverVersion,CurrentHorizontalResolution)
  sound = @(Get-PnpDevice -PresentOnly -Class MEDIA,AudioEndpoint -ErrorAction SilentlyContinue |
    Select-Object FriendlyName,Status,Class)
  monitors = @(Get-CimInstance -Namespace root\wmi WmiMonitorConnectionParams -ErrorAction SilentlyContinue |
    Select-Object Active,VideoOutputTechnology)
} | ConvertTo-Json -Compress -Depth 3
"""
"""Asks for everything at once: a PowerShell start costs seconds on a small machine."""


class GuestShell:
    """Commands inside the VM. Errors: `GuestFailed` where Windows answers with a failure, `ApiRefused` by PVE."""

    def __init__(self, api: Api, vmid: int, cancel: CancelToken | None = None) -> None:
        self._api = api
        self._base = f"nodes/{api.node}/qemu/{vmid}/agent"
        self._cancel = cancel or CancelToken()

    def run(self, argv: Sequence[str], timeout: float = 120) -> str:
        """Run a program in Windows and return its standard output."""
        pid = self._api.post(f"{self._base}/exec", command=list(argv))["pid"]
        waited = 0.0
        while True:
            status = self._api.get(f"{self._base}/exec-status", pid=pid)
            if status.get("exited"):
                break
            if waited >= timeout:
                raise GuestFailed(command=argv[0], status="timeout")
            self._cancel.wait(0.5)
            waited += 0.5
        if status.get("exitcode", 0) != 0:
            raise GuestFailed(str(status.get("err-data", "")), command=argv[0], status=str(status.get("exitcode")))
        return str(status.get("out-data", ""))

    def ask(self) -> dict[str, Any]:
        """The answers to `QUESTIONS` as a dict; raises `GuestFailed` where Windows says something else."""
        encoded = base64.b64encode(QUESTIONS.encode("utf-16-le")).decode()
        answer = self.run(["powershell", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded])
        try:
            parsed = json.loads(answer.lstrip("\ufeff"))
        except ValueError as error:
            raise GuestFailed(answer, command="powershell", status="0") from error
        if not isinstance(parsed, dict):
            raise GuestFailed(answer, command="powershell", status="0")
        return parsed


def remote_desktop_commands(*, enabled: bool, switch: bool, firewall: bool) -> tuple[tuple[str, ...], ...]:
    """The commands of facts: windows-and-rom.md A.3, as far as wanted; the group's id is the same in all languages."""
    key = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server"
    deny, answer = ("0", "Yes") if enabled else ("1", "No")
    group = "group=@FirewallAPI.dll,-28752"
    commands: list[tuple[str, ...]] = []
    if switch:
        commands.append(("reg", "add", key, "/v", "fDenyTSConnections", "/t", "REG_DWORD", "/d", deny, "/f"))
    if firewall:
        commands.append(("netsh", "advfirewall", "firewall", "set", "rule", group, "new", f"enable={answer}"))
    return tuple(commands)
