"""The machine: files, kernel, boot, processes, users - and what listens on it."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from practice import boot, commands, kernel, modprobe, pmxcfs, qemu, sysfs, tree
from practice.clock import Clock
from practice.faults import Faults, Settings
from practice.files import FileSystem
from practice.processes import Processes
from practice.pve import guests
from practice.scenario import PciFunction, Scenario
from practice.schema import full_address

if TYPE_CHECKING:
    from practice.pve.service import Pve
    from practice.windows import Guest


PROGRAMS = commands
"""Importing the package registers every program of the host."""


class Listener(Protocol):
    """A server of the machine: it goes away with a reboot and comes back after it."""

    async def going_down(self) -> None: ...

    async def coming_up(self) -> None: ...

    async def fault(self, before: Settings, now: Settings) -> None:
        """Faults that concern how it listens have changed."""


class Machine:
    """One simulated PVE host. Everything a program can see goes through `fs` and this object."""

    def __init__(self, scenario: Scenario, clock: Clock, fs: FileSystem | None = None) -> None:
        self.scenario = scenario
        self.clock = clock
        self.fs = fs or FileSystem(clock, free=int(scenario.get("hardware.free_gib", 40)) << 30)
        self.node: str = scenario.get("node", "pve")
        installed = [*scenario.get("kernel.installed", []), scenario.get("kernel.release")]
        self.kernels: list[str] = list(dict.fromkeys(installed))
        self.esp_uuid = "1A2B-3C4D"
        self.esp: dict[str, str] = {}
        """What systemd-boot has on its partition: kernel -> its arguments."""
        self.esp_grub = ""
        """grub.cfg on the partition, where proxmox-boot-tool looks after GRUB."""
        self.users: dict[str, str] = {"root": scenario.get("password") or secrets.token_urlsafe(9)}
        self.no_sudo: set[str] = set()
        """Users whom sudo refuses."""
        # dkms is on a host only where somebody brought a foreign module.
        absent = [*scenario.get("missing_commands", []), *([] if scenario.get("dkms") else ["dkms"])]
        self.missing_commands: frozenset[str] = frozenset(absent)
        self.processes = Processes()
        self.listeners: list[Listener] = []
        self.faults = Faults(self)
        self.guests: dict[int, Guest] = {}
        self.journal: list[str] = []
        """What programs say after their start (journalctl); gone with a reboot, as on a disk that is not kept."""
        self.up = True
        self.booted = 0.0
        self.boot_id = ""
        self.api_port = 0
        self.pve: Pve
        self.kernel: kernel.Kernel
        self._tasks: set[asyncio.Task[None]] = set()

    async def install(self) -> None:
        """Fill the file system as a fresh PVE installation has it, and boot for the first time."""
        tree.install(self)
        if self.scenario.get("boot.initramfs") == "old":
            boot.build_old_initramfs(self)
        tree.add_files(self)
        guests.install(self)
        self.cluster_files = pmxcfs.ClusterFiles(self)
        if self.scenario.get("boot.initramfs") != "old":
            for release in self.kernels:
                boot.build_initramfs(self, release)
        await boot.install(self)
        self.boot(boot.first_boot(self))
        guests.run(self)

    def boot(self, what: tuple[str, str] | None = None) -> None:
        """Start what the boot loader has, or, when the practice begins, (kernel, command line) of `what`."""
        release, cmdline = what or boot.next_boot(self)
        inside = boot.initramfs(self, release)
        self.kernel = kernel.boot(self.scenario, release, cmdline, inside, self.fs.text("/etc/modules"))
        if what is not None:
            self.kernel.drivers |= {
                full_address(address): driver or None
                for address, driver in self.scenario.get("kernel.drivers", {}).items()
            }
        self.boot_id = str(uuid.uuid4())
        self.booted = self.clock.elapsed()
        self.journal = []
        sysfs.mount(self)

    @property
    def pci(self) -> tuple[PciFunction, ...]:
        return self.scenario.pci

    @property
    def uptime(self) -> float:
        """Seconds since the last boot."""
        return self.clock.elapsed() - self.booted

    def modprobe_files(self) -> dict[str, str]:
        """/etc/modprobe.d as it is now, by path."""
        folder = "/etc/modprobe.d"
        return {f"{folder}/{name}": self.fs.text(f"{folder}/{name}") for name in self.fs.listdir(folder)}

    def loader(self) -> kernel.Loader:
        """Loads modules into the running kernel, by the modprobe.d of now."""
        return kernel.Loader(self.pci, self.kernel, modprobe.parse(self.modprobe_files(), self.kernel.cmdline))

    def load_module(self, name: str) -> bool:
        """modprobe NAME; whether it is loaded."""
        done = self.loader().load(name)
        sysfs.mount_pci(self)
        return done

    def bind(self, address: str, driver: str | None) -> None:
        """Give a device to another driver (what PVE does at VM start)."""
        self.kernel.drivers[address] = driver
        sysfs.mount_pci(self)

    async def launch(self, vmid: int, command: list[str]) -> tuple[int, qemu.QemuStart]:
        """Start kvm for a VM; its process id, and how it went. Raises `QemuRefused` where kvm exits."""
        return 20_000 + vmid, qemu.launch(self, command)

    async def switched_off(self, vmid: int) -> None:
        """A VM was stopped."""

    def lose_network(self) -> None:
        """The card that carries the host's address is gone: everything that listens goes silent."""
        task = asyncio.get_running_loop().create_task(self._silence())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _silence(self) -> None:
        for listener in self.listeners:
            await listener.going_down()

    def start_process(self, work: Coroutine[Any, Any, Any]) -> int:
        return self.processes.start(work)

    def process_alive(self, pid: str) -> bool:
        return self.processes.alive(pid)

    def end_process(self, pid: str) -> None:
        self.processes.end(pid)

    async def wait_processes(self, pids: Iterable[str]) -> None:
        await self.processes.wait(pids)

    def request_reboot(self) -> None:
        """`reboot` returns at once; the machine goes down a moment later."""
        task = asyncio.get_running_loop().create_task(self._reboot())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def guest_port_open(self, address: str, port: int) -> bool:
        """Whether something inside a VM listens on that port."""
        return any(guest.port_open(address, port) for guest in self.guests.values())

    def close(self) -> None:
        """End every process and delete temporary files."""
        self.processes.end_all()
        for task in self._tasks:
            task.cancel()
        self.fs.close()

    async def _reboot(self) -> None:
        await self.clock.sleep(1)
        self.up = False
        for listener in reversed(self.listeners):
            await listener.going_down()
        self.processes.end_all()
        # pve-guests stops every VM on the way down, which applies what waits for a stop.
        for vmid in list(self.guests):
            await self.pve.vms.stop(vmid)
        self.fs.clear("/var/run/qemu-server")
        self.fs.mkdir("/var/run/qemu-server")
        behaviour = self.faults.reboot(self.scenario.get("boot.reboot", "normal"))
        await self.clock.sleep(float(self.scenario.get("boot.seconds", 20)))
        if behaviour == "never":
            return
        if behaviour == "normal":
            self.boot()
        self.up = True
        for listener in self.listeners:
            await listener.coming_up()
            # sshd answers some seconds before pveproxy (facts: pve-behaviour.md section 7).
            await self.clock.sleep(2)
        guests.start_on_boot(self)
