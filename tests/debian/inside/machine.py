"""The machine that the stand-ins see: the host that they run on."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from practice import kernel, pmxcfs, qemu, tree
from practice.clock import Clock
from practice.machine import Machine
from practice.scenario import PciFunction, Scenario
from tests.debian.inside import kernel as real
from tests.debian.inside.files import RealFiles
from tests.debian.inside.qemu import InnerQemu

SPEED = 20.0
"""Of what is waited for on behalf of the API; the host's own work takes as long as it takes."""


class HostMachine(Machine):
    """Files, kernel and PCI bus are real; Windows and the Proxmox API are those of the practice host."""

    def __init__(self, scenario: Scenario, passwords: dict[str, str]) -> None:
        clock = Clock(SPEED)
        super().__init__(scenario, clock, RealFiles(clock))
        self.users = passwords
        self.boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        self._qemu = InnerQemu()

    async def install(self) -> None:
        """/etc/pve, where it is not there yet; boot and kernel are not ours."""
        tree.cluster(self)
        self.cluster_files = pmxcfs.ClusterFiles(self)

    @property
    def kernel(self) -> kernel.Kernel:  # type: ignore[override]
        return real.running()

    @cached_property
    def pci(self) -> tuple[PciFunction, ...]:  # type: ignore[override]
        return real.functions()

    @property
    def uptime(self) -> float:
        return float(Path("/proc/uptime").read_text().split()[0])

    def load_module(self, name: str) -> bool:
        return real.load(name)

    def bind(self, address: str, driver: str | None) -> None:
        real.bind(address, driver)

    def lose_network(self) -> None:
        """A card that leaves the host takes its connections along by itself."""

    async def launch(self, vmid: int, command: list[str]) -> tuple[int, qemu.QemuStart]:
        """The real QEMU decides; then the practice host's own judgement must agree, for its Windows is used."""
        pid, lines = await self._qemu.start(vmid, command)
        try:
            started = qemu.launch(self, command)
        except qemu.QemuRefused as refused:
            await self._qemu.stop(vmid)
            raise AssertionError(f"the practice host would refuse what QEMU did: {refused.lines}") from refused
        started.lines = lines
        return pid, started

    async def switched_off(self, vmid: int) -> None:
        await self._qemu.stop(vmid)
