"""One QEMU process with its PCI functions, serial line and guest agent; everything ends by its pid."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal

from tests.debian.image.cache import FOLDER, locked
from tests.debian.vm.agent import Agent, AgentSilent
from tests.debian.vm.console import Console
from tests.ports import free_port

QEMU = "qemu-system-x86_64"
MEMORY_MIB = 1024
PATIENCE = 240
"""Seconds for a start on a loaded machine without KVM; an idle one takes 20 to 35."""

Firmware = Literal["bios", "uefi"]
OVMF = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")

ROOT = Path(__file__).resolve().parents[3]


class Machine:
    """`disk` is a raw image or an overlay; `folder` gets sockets, logs and firmware variables."""

    def __init__(self, disk: Path, folder: Path, firmware: Firmware) -> None:
        self.folder = folder
        self.ssh_port = free_port()
        self._disk, self._firmware = disk, firmware
        self._processes: list[subprocess.Popen[bytes]] = []
        self._agent: Agent | None = None
        self._turn = ExitStack()
        """One machine at a time on a computer: two would only be slower."""

    def __enter__(self) -> Machine:
        self._turn.enter_context(locked(FOLDER / "machine.lock"))
        self._switch_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def agent(self) -> Agent:
        assert self._agent is not None, "not switched on"
        return self._agent

    def switch_off_and_on(self) -> None:
        """By its button: nothing is asked first, the disk keeps what was written."""
        self._switch_off()
        self._switch_on()

    def _switch_on(self) -> None:
        ours, theirs = zip(socket.socketpair(), socket.socketpair(), strict=True)
        try:
            self._start([sys.executable, "-m", "tests.debian.vm.personality"], theirs, "personality")
            self._start(self._command([link.fileno() for link in ours]), ours, "qemu")
            self._agent = Agent(self.folder / "agent.sock", self._alive)
        except BaseException:
            self.stop()
            raise
        finally:
            for link in (*ours, *theirs):
                link.close()

    def wait_started(self) -> None:
        """Until systemd has started everything, sshd too."""
        try:
            self.agent.wait(PATIENCE)
        except AgentSilent as error:
            raise TimeoutError(f"not started within {PATIENCE} s:\n{self.log()}") from error
        self.agent.run("systemctl is-system-running --wait", timeout=PATIENCE)

    def console(self) -> Console:
        """Sit down at the console; stand up with `close`. While nobody reads it, it goes to serial.log alone."""
        return Console(self.folder / "serial.sock", self._alive)

    def log(self) -> str:
        """The last words of the console, of QEMU and of the PCI functions."""
        logs = (self.folder / f"{name}.log" for name in ("serial", "qemu", "personality"))
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-3000:]}" for log in logs if log.exists())

    def wait_off(self, patience: float = PATIENCE) -> None:
        """Until the machine has switched itself off."""
        self._processes[-1].wait(patience)

    def stop(self) -> None:
        """Switch off at once, and let the next machine start."""
        self._switch_off()
        self._turn.close()

    def _switch_off(self) -> None:
        """QEMU first, its functions end with it."""
        if self._agent is not None:
            self._agent.close()
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def _alive(self) -> None:
        """Raises where QEMU has ended, or the kernel has given up."""
        log = self.folder / "serial.log"
        if log.exists() and b"Kernel panic - not syncing" in log.read_bytes():
            raise RuntimeError(f"the kernel gave up:\n{self.log()}")
        status = self._processes[-1].poll()
        if status is not None:
            raise RuntimeError(f"QEMU ended with {status}:\n{self.log()}")

    def _start(self, command: list[str], links: tuple[socket.socket, ...], name: str) -> None:
        numbers = [link.fileno() for link in links]
        words = [str(number) for number in numbers] if name == "personality" else []
        with (self.folder / f"{name}.log").open("wb") as log:
            started = subprocess.Popen(
                [*command, *words], cwd=ROOT, pass_fds=numbers, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._processes.append(started)

    def _command(self, links: list[int]) -> list[str]:
        """intel-iommu stands before the devices that it covers; smbus=off frees the place of the audio function;
        without sata=off it would share its group with a disk controller, which the guide refuses."""
        size = f"{MEMORY_MIB}M"
        # A test run that is killed leaves no machine behind.
        command = [
            "setpriv",
            "--pdeathsig",
            "TERM",
            "--",
            QEMU,
            "-nodefaults",
            "-no-user-config",
            "-accel",
            "tcg,thread=multi,tb-size=512",
            "-smp",
            "2",
        ]
        command += ["-machine", "q35,kernel-irqchip=split,smbus=off,sata=off,memory-backend=ram", "-m", size]
        command += ["-object", f"memory-backend-memfd,id=ram,size={size},share=on"]
        command += ["-cpu", "qemu64,vendor=GenuineIntel,model-id=Intel(R) N100"]
        command += ["-display", "none", "-vga", "none"]
        command += self._flash() if self._firmware == "uefi" else []
        form = "qcow2" if self._disk.suffix == ".qcow2" else "raw"
        command += [
            "-drive",
            f"if=none,id=disk,file={self._disk},format={form},cache=unsafe,discard=unmap,werror=report",
        ]
        command += ["-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.ssh_port}-:22"]
        for name, extra in (("serial", f",logfile={self.folder}/serial.log,logappend=on"), ("agent", "")):
            command += ["-chardev", f"socket,id={name},path={self.folder}/{name}.sock,server=on,wait=off{extra}"]
        command += ["-serial", "chardev:serial"]
        devices = [
            "intel-iommu,intremap=on,caching-mode=on,aw-bits=48",
            f"x-pci-proxy-dev,fd={links[0]},addr=02.0",
            f"x-pci-proxy-dev,fd={links[1]},addr=1f.3",
            "virtio-blk-pci,drive=disk,addr=04.0",
            "pcie-root-port,id=rp1,chassis=1,addr=1c.0",
            "virtio-net-pci,netdev=net,bus=rp1,romfile=",
            "virtio-serial-pci,addr=05.0",
            "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
        ]
        return command + [word for device in devices for word in ("-device", device)]

    def _flash(self) -> list[str]:
        variables = self.folder / "variables.fd"
        if not variables.exists():
            shutil.copyfile(OVMF_VARIABLES, variables)
        parts = (f"format=raw,readonly=on,file={OVMF}", f"format=raw,file={variables}")
        return [word for part in parts for word in ("-drive", f"if=pflash,{part}")]


def wait_for(condition: Callable[[], bool], patience: float, what: str) -> None:
    """Ask again and again. Raises TimeoutError."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {patience:.0f} s")
        time.sleep(0.2)


def missing_tools() -> list[str]:
    """Packages that the machine needs and this computer lacks."""
    missing = [] if shutil.which(QEMU) else ["qemu-system-x86"]
    missing += [] if shutil.which("qemu-img") else ["qemu-utils"]
    return missing + ([] if OVMF.exists() else ["ovmf"])
