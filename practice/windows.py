"""The Windows of the practice host: it installs in a while, then answers through the guest agent.

What it can answer is a fixed set (facts: windows-and-rom.md A.5); anything else fails as in a real cmd.exe.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from practice.media import SECTOR
from practice.qemu import QemuStart

if TYPE_CHECKING:
    from practice.machine import Machine

RDP_PORT = 3389
SETUP_SECONDS = 10.0
GOODBYE_SECONDS = 2.0
"""How long the agent still answers after `shutdown`."""


class GuestError(Exception):
    """The agent does not answer; the text is PVE's."""


@dataclass
class Disk:
    """What survives on the VM's disk: whether Windows is there, its settings, its drivers."""

    installed: bool = False
    setup_until: float = 0
    """Host seconds until which Setup goes on behind the agent: qemu-ga comes before its end."""
    remote_desktop: bool = False
    firewall_open: bool = False
    driver_since: float | None = None


class Guest:
    """One running VM. `disk` outlives it."""

    def __init__(self, machine: Machine, config: dict[str, str], start: QemuStart, disk: Disk) -> None:
        self._machine = machine
        self._config = config
        self._start = start
        self.disk = disk
        self._since = machine.clock.elapsed()
        self._restarts: float | None = None
        self._results: dict[int, dict[str, Any]] = {}

    @property
    def groups(self) -> set[int]:
        """IOMMU groups that this VM has."""
        return self._start.groups

    @property
    def qemu(self) -> str:
        """The version that this VM was started with."""
        return self._start.version or str(self._machine.scenario.get("pve.qemu")).split("-")[0]

    @property
    def mac(self) -> str:
        return self._config.get("net0", "").split(",")[0].partition("=")[2].lower()

    @property
    def ready(self) -> bool:
        """Windows is up and its agent answers."""
        if self._restarts is not None and self._machine.clock.elapsed() >= self._restarts:
            self._since, self._restarts = self._restarts, None
        waits = "guest.start_seconds" if self.disk.installed else "guest.install_seconds"
        if self._machine.clock.elapsed() - self._since < float(self._machine.scenario.get(waits, 10)):
            return False
        if not self.disk.installed:
            if not self._can_install():
                return False
            self.disk.installed = True
            wait = float(self._machine.scenario.get("guest.setup_seconds", SETUP_SECONDS))
            self.disk.setup_until = self._machine.clock.elapsed() + wait
        return self._config.get("agent", "").startswith(("1", "enabled=1")) and not self._machine.faults.agent_silent

    @property
    def address(self) -> str:
        return str(self._machine.scenario.get("guest.address")) if self.ready else ""

    def port_open(self, address: str, port: int) -> bool:
        usable = self.disk.remote_desktop and self.disk.firewall_open
        return bool(address) and address == self.address and port == RDP_PORT and usable

    def agent(self, command: str, values: dict[str, Any]) -> Any:
        """A call of the guest agent. Raises `GuestError`."""
        if not self.ready:
            raise GuestError("QEMU guest agent is not running")
        if command == "exec":
            return self._exec([str(word) for word in values["command"]])
        if command == "exec-status":
            pid = int(values["pid"])
            if pid not in self._results:
                raise GuestError(f"Agent error: PID {pid} does not exist")
            return self._results.pop(pid)
        answers: dict[str, Any] = {
            "ping": {},
            "get-osinfo": {"id": "mswindows", "name": "Microsoft Windows", "pretty-name": "Windows 10 Pro"},
            "network-get-interfaces": [
                {
                    "name": "以太网",
                    "hardware-address": self.mac,
                    "ip-addresses": [
                        {"ip-address": "fe80::1", "ip-address-type": "ipv6", "prefix": 64},
                        {"ip-address": self.address, "ip-address-type": "ipv4", "prefix": 24},
                    ],
                },
                {
                    "name": "Loopback Pseudo-Interface 1",
                    "hardware-address": "00:00:00:00:00:00",
                    "ip-addresses": [{"ip-address": "127.0.0.1", "ip-address-type": "ipv4", "prefix": 8}],
                },
            ],
        }
        if command not in answers:
            raise GuestError(f"Agent error: The command {command} has not been found")
        return {"result": answers[command]}

    def _can_install(self) -> bool:
        """Setup needs the Windows disc, and the driver disc for a VirtIO disk."""
        discs = [value for key, value in self._config.items() if re.fullmatch(r"(ide|sata)\d", key)]
        names = [value.lower() for value in discs if "media=cdrom" in value and self._is_disc(value.split(",")[0])]
        needs_driver = "scsi0" in self._config or "virtio0" in self._config
        has_driver = any("virtio" in name for name in names)
        return any("virtio" not in name for name in names) and (has_driver or not needs_driver)

    def _is_disc(self, volid: str) -> bool:
        """Only an ISO 9660 file can be read: its descriptor begins in sector 16."""
        storages = self._machine.pve.storages
        if ":" not in volid or not storages.exists(volid):
            return False
        return self._machine.fs.read(storages.path(volid))[16 * SECTOR + 1 : 16 * SECTOR + 6] == b"CD001"

    def _exec(self, words: list[str]) -> dict[str, Any]:
        pid = 4000 + len(self._results)
        while pid in self._results:
            pid += 1
        try:
            code, out, err = self._run(words)
        except (IndexError, ValueError):
            code, out, err = 1, "", f"practice host: not supported in Windows: {' '.join(words)}"
        result = {"exited": 1, "exitcode": code, "out-data": out, "err-data": err}
        self._results[pid] = {key: value for key, value in result.items() if value != ""}
        return {"pid": pid}

    def _run(self, words: list[str]) -> tuple[int, str, str]:
        name = words[0].lower().removesuffix(".exe")
        if name == "powershell" and "-EncodedCommand" in words:
            script = base64.b64decode(words[words.index("-EncodedCommand") + 1]).decode("utf-16-le")
            return self._powershell(script)
        if name == "reg" and words[1:2] == ["add"] and "fDenyTSConnections" in words:
            self.disk.remote_desktop = words[words.index("/d") + 1] == "0"
            return 0, "The operation completed successfully.\r\n", ""
        if name == "netsh" and "group=@FirewallAPI.dll,-28752" in words:
            self.disk.firewall_open = words[-1].lower() == "enable=yes"
            return 0, "\r\nUpdated 3 rule(s).\r\nOk.\r\n", ""
        if name == "shutdown" and {"/r", "/s"} & {word.lower() for word in words}:
            self._leave("/r" in [word.lower() for word in words])
            return 0, "", ""
        return 1, "", f"'{words[0]}' is not recognized as an internal or external command,\r\n"

    def _leave(self, restart: bool) -> None:
        """Windows restarts by itself, with the devices that it has, or goes off; pending options wait for a stop."""
        if restart:
            self._restarts = self._machine.clock.elapsed() + GOODBYE_SECONDS
        else:
            self._machine.start_process(self._go_off())

    async def _go_off(self) -> None:
        await self._machine.clock.sleep(GOODBYE_SECONDS)
        for vmid in [number for number, guest in self._machine.guests.items() if guest is self]:
            await self._machine.pve.vms.stop(vmid)

    def _powershell(self, script: str) -> tuple[int, str, str]:
        """Answers what the script names; keys are those that it assigns."""
        setting_up = self._machine.clock.elapsed() < self.disk.setup_until
        known = {
            "SystemSetupInProgress": int(setting_up),
            "OOBEInProgress": int(setting_up),
            "fDenyTSConnections": int(not self.disk.remote_desktop),
            "Win32_VideoController": self._display(),
            "Get-PnpDevice": self._sound(),
            "WmiMonitorConnectionParams": self._monitors(),
        }
        answer = {}
        for key, expression in re.findall(r"(?m)^\s*(\w+) = (.+(?:\n    .+)*)$", script):
            found = [value for name, value in known.items() if name in expression]
            if not found:
                return 1, "", f"practice host: not supported in Windows: {expression}"
            answer[key] = found[0]
        return 0, json.dumps(answer, ensure_ascii=False) + "\r\n", ""

    def _driver_ready(self) -> bool:
        """Windows Update brings Intel's driver some time after it sees the chip."""
        now = self._machine.clock.elapsed()
        if self._start.has_igpu and self.disk.driver_since is None:
            self.disk.driver_since = now + float(self._machine.scenario.get("guest.driver_seconds", 10))
        return self.disk.driver_since is not None and now >= self.disk.driver_since

    def _display(self) -> list[dict[str, Any]]:
        found = []
        if self._config.get("vga") != "none":
            found.append(_adapter("Microsoft Basic Display Adapter", "PCI\\VEN_1234&DEV_1111", 0, "10.0.19041.1", 1280))
        chip = self._start.igpu
        if chip is not None:
            identity = f"PCI\\VEN_{chip.vendor.upper()}&DEV_{chip.device.upper()}&SUBSYS_72708086"
            if not self._driver_ready():
                found.append(_adapter("Microsoft Basic Display Adapter", identity, 28, "", None))
            else:
                code = 0 if self._start.driver_works else 43
                width = 1920 if self._start.picture else None
                found.append(_adapter("Intel(R) UHD Graphics", identity, code, "31.0.101.2115", width))
        return found

    def _sound(self) -> list[dict[str, Any]]:
        if not (self._start.has_audio and self._driver_ready() and self._start.driver_works):
            return []
        return [{"FriendlyName": "英特尔(R) 显示器音频", "Status": "OK", "Class": "MEDIA"}]

    def _monitors(self) -> list[dict[str, Any]]:
        return [{"Active": True, "VideoOutputTechnology": 5}] if self._start.picture else []


def _adapter(name: str, identity: str, code: int, version: str, width: int | None) -> dict[str, Any]:
    return {
        "Name": name,
        "PNPDeviceID": identity,
        "ConfigManagerErrorCode": code,
        "DriverVersion": version,
        "CurrentHorizontalResolution": width,
    }
