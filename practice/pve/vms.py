"""VMs: created, configured, started and stopped as qemu-server does."""

from __future__ import annotations

import re
import shlex
import uuid
from typing import TYPE_CHECKING, Any

from practice import vfio
from practice.igd import numbers
from practice.kvm import QemuRefused
from practice.pve import calls, changes, mapping, notices, schema, showcmd, state, vmconfig
from practice.pve.drives import ALLOCATE, DISK, Builder, Log, quiet, volumes
from practice.pve.errors import PveError, died, invalid
from practice.pve.reservations import Reservations
from practice.pve.storage import Storages
from practice.pve.tasks import Task
from practice.pve.users import Caller
from practice.windows import Disk, Guest

if TYPE_CHECKING:
    from practice.machine import Machine

HOTPLUG = ("name", "onboot", "description", "tags", "boot", "startup", "agent")
"""Options that take effect on a running VM; the others wait as pending (facts: pve-behaviour.md section 5)."""

LOCK_SECONDS = 10.0

NO_QUORUM = "cluster not ready - no quorum?"
"""PVE::Cluster's words where the cluster file system is read-only (pve-docs: pvecm)."""

NO_KVM = "KVM virtualisation configured, but not available. Either disable in VM configuration or enable in BIOS."
"""facts: pve.md 7, error strings."""

ENROL = (
    "INFO: reading raw edk2 varstore from /usr/share/pve-edk2-firmware//OVMF_VARS_4M.ms.fd",
    "INFO: var store range: 0x64 -> 0x40000",
)
"""virt-fw-vars, which 8.4 enrols keys with (recorded: PVE 8.4.21)."""

INTEGERS = ("cores", "sockets", "balloon", "numa", "onboot", "tablet", "acpi", "kvm", "snaptime")


class Vms:
    """The VMs of the node; the files below /etc/pve are the truth."""

    def __init__(self, machine: Machine, storages: Storages) -> None:
        self.machine = machine
        self.storages = storages
        self._disks: dict[int, Disk] = {}
        self.pids: dict[int, int] = {}
        self.since: dict[int, float] = {}
        self.reservations = Reservations(machine)
        self.held: set[int] = set()
        """VMs whose configuration lock somebody else holds."""

    def path(self, vmid: int) -> str:
        return f"/etc/pve/nodes/{self.machine.node}/qemu-server/{vmid}.conf"

    def ids(self) -> list[int]:
        folder = f"/etc/pve/nodes/{self.machine.node}/qemu-server"
        return sorted(int(name[:-5]) for name in self.machine.fs.listdir(folder) if re.fullmatch(r"\d+\.conf", name))

    def text(self, vmid: int) -> str:
        if not self.machine.fs.exists(self.path(vmid)):
            raise died(f"Configuration file 'nodes/{self.machine.node}/qemu-server/{vmid}.conf' does not exist")
        return self.machine.fs.text(self.path(vmid))

    def file(self, vmid: int, warn: vmconfig.Warn = lambda text: None) -> vmconfig.VmFile:
        return vmconfig.parse(vmid, self.text(vmid), warn)

    def running(self, vmid: int) -> bool:
        return vmid in self.machine.guests

    def config(self, vmid: int, current: bool = False) -> dict[str, Any]:
        """GET config: pending values while it runs, unless `current`."""
        file = self.file(vmid)
        values = dict(file.main)
        if not current:
            values.update({key: value for key, value in file.pending.items() if key != "delete"})
            for key in file.pending.get("delete", "").split(","):
                values.pop(key, None)
        return {**typed(values), "digest": vmconfig.digest(self.text(vmid))}

    def pending(self, vmid: int) -> list[dict[str, Any]]:
        file = self.file(vmid)
        removed = [key for key in file.pending.get("delete", "").split(",") if key]
        main, waiting = typed(file.main), typed(file.pending)
        rows: list[dict[str, Any]] = [{"key": "digest", "value": vmconfig.digest(self.text(vmid))}]
        for key in sorted({*file.main, *(key for key in file.pending if key != "delete")}):
            row: dict[str, Any] = {"key": key}
            if key in file.main:
                row["value"] = main[key]
            if key in file.pending:
                row["pending"] = waiting[key]
            if key in removed:
                row["delete"] = 1
            rows.append(row)
        return rows

    def current(self, vmid: int) -> dict[str, Any]:
        """GET status/current."""
        return state.current(self, vmid)

    def status(self, vmid: int) -> dict[str, Any]:
        """The VM's row in GET qemu."""
        return state.row(self, vmid)

    async def create(self, vmid: int, values: dict[str, str], caller: Caller, task: Task) -> None:
        """Inside the task qmcreate; disks that were made are removed again where it fails."""
        builder = self._builder(vmid, task.log)
        try:
            config = {key: builder.value(key, value) for key, value in sorted(values.items())}
            self._defaults(config)
            self.save(vmid, vmconfig.VmFile(main=config))
        except PveError as error:
            builder.undo()
            raise died(f"unable to create VM {vmid} - {error.reason}") from None
        await self.machine.clock.sleep(1)

    def check_new(self, vmid: int, values: dict[str, Any], caller: Caller) -> None:
        """What fails before the task begins."""
        schema.check({**values, "vmid": vmid}, calls.options("POST /nodes/{node}/qemu", self.machine.pve.release))
        changes.root_only(values, [], {}, caller, self.machine.pve.release)
        for key in changes.refused_roms(values, caller, self.version):
            raise invalid(**{key: "only root@pam can set 'romfile' option"})
        for name in (ALLOCATE.match(str(value)) for key, value in values.items() if DISK.fullmatch(key)):
            if name:
                self.storages.supports_images(name["storage"])
        if not self.machine.cluster_files.quorate:
            raise died(f"unable to create VM {vmid} - {NO_QUORUM}")
        for node, kind, number in self.machine.cluster_files.guests():
            if number == vmid:
                word = "VM" if kind == "qemu" else "CT"
                raise died(f"unable to create VM {vmid} - {word} {vmid} already exists on node '{node}'")

    def update(
        self, vmid: int, values: dict[str, Any], caller: Caller, warn: vmconfig.Warn = lambda text: None
    ) -> None:
        """PUT config / qm set."""
        schema.check(values, calls.options("PUT /nodes/{node}/qemu/{vmid}/config", self.machine.pve.release))
        values = {key: str(value) for key, value in values.items()}
        skip = values.pop("skiplock", "0") == "1"
        if skip and not caller.is_root:
            raise invalid(skiplock="Only root may use this option.")
        delete, revert = (changes.names(values, name) for name in ("delete", "revert"))
        expected = values.pop("digest", "")
        for key in ("force", "background_delay"):
            values.pop(key, None)
        for key in delete:
            if key in values:
                raise invalid(**{key: f"you can't use '-{key}' and '-delete {key}' at the same time"})
        if not values and not delete and not revert:
            raise died("no options specified")
        file = self.file(vmid, warn)
        changes.root_only(values, delete, file.main, caller, self.machine.pve.release)
        self.unlocked(file.main, skip or "lock" in values)
        self.check_digest(vmid, expected)
        for key in delete:
            if key not in file.main and key not in file.pending:
                warn(f"cannot delete '{key}' - not set in current configuration!\n")
        for key in revert:
            file.pending.pop(key, None)
        changes.sensible({**file.main, **values}, values)
        refused = changes.refused_roms(values, caller, self.version)
        kept = {key: value for key, value in values.items() if key not in refused}
        self._merge(vmid, file, kept, delete)
        self.save(vmid, file)
        if refused:
            # Looked at while the options are written one by one: the others are set (recorded: PVE 8.4.21).
            raise invalid(**dict.fromkeys(refused, "only root@pam can set 'romfile' option"))

    def check_digest(self, vmid: int, expected: str) -> None:
        """Raises 500 where the file is not the one that the caller has seen."""
        if expected and expected != vmconfig.digest(self.text(vmid)):
            # Spelled wrongly until 8.2 (facts: pve-behaviour.md section 5).
            word = "missmatch" if self.version < (8, 2, 5) else "mismatch"
            raise died(f"checksum {word} (file change by other user?)")

    def _merge(self, vmid: int, file: vmconfig.VmFile, values: dict[str, str], delete: list[str]) -> None:
        running = self.running(vmid)
        builder = self._builder(vmid)
        later = [key for key in file.pending.pop("delete", "").split(",") if key and key not in values]
        for key, value in values.items():
            realised = builder.value(key, value)
            target = file.pending if running and key not in HOTPLUG else file.main
            if target is file.main:
                self._unuse(file.main, key, realised)
            target[key] = realised
            if target is file.pending and file.main.get(key) == realised:
                del file.pending[key]
        for key in delete:
            file.pending.pop(key, None)
            if running and key not in HOTPLUG and key in file.main:
                later.append(key)
            else:
                self._unuse(file.main, key, "")
                file.main.pop(key, None)
        if later:
            file.pending["delete"] = ",".join(dict.fromkeys(later))

    def _unuse(self, config: dict[str, str], key: str, value: str) -> None:
        """A disk that leaves its place stays as unusedN; an unusedN that is deleted is freed."""
        old = dict(volumes(config, with_unused=True)).get(key, "")
        if old not in self.storages.volumes or value.split(",")[0] == old:
            return
        if key.startswith("unused"):
            self.storages.drop(old)
            return
        free = next(f"unused{number}" for number in range(256) if f"unused{number}" not in config)
        config[free] = old

    def show_command(self, vmid: int, warn: vmconfig.Warn = lambda text: None) -> list[str]:
        """qm showcmd: the checks of a start without starting."""
        file = self.file(vmid, warn)
        return showcmd.command_line(self.machine, self.storages, vmid, self.next(file))

    async def locked(self, vmid: int) -> None:
        """Wait for the lock of the configuration. Raises 500 after ten seconds (facts: pve-behaviour.md section 5)."""
        until = self.machine.clock.elapsed() + LOCK_SECONDS
        while vmid in self.held:
            if self.machine.clock.elapsed() >= until:
                raise died(f"can't lock file '/var/lock/qemu-server/lock-{vmid}.conf' - got timeout")
            await self.machine.clock.sleep(LOCK_SECONDS / 20)

    async def start(self, vmid: int, task: Task) -> None:
        """Inside the task qmstart."""
        file = self.file(vmid)
        self.unlocked(file.main)
        if self.running(vmid):
            raise died(f"VM {vmid} already running")
        if not self.machine.scenario.get("hardware.vtx", True):
            raise died(NO_KVM)
        if file.pending:
            file.main, file.pending = self.next(file), {}
            self.save(vmid, file)
        config = file.main
        command = showcmd.command_line(self.machine, self.storages, vmid, config)
        if any(value.startswith("cdrom") for value in config.values()):
            task.warn("no physical CD-ROM available, ignoring")
        notices.certificates(self.version, vmid, config, task)
        addresses = mapping.addresses(self.machine, config)
        self.reservations.take(vmid, addresses)
        try:
            kept = mapping.kept(self.machine, config)
            for address in (address for address in addresses if address not in kept):
                vfio.prepare(self.machine, address, self.version, task.log)
            self._volumes(config)
            self._bridges(vmid, config, task)
            await self._pin_memory(config, command)
            self.pids[vmid], started = await self.machine.launch(vmid, command)
        except vfio.PrepareError as error:
            raise died(str(error)) from None
        except QemuRefused as refused:
            task.log(*refused.lines)
            raise died("start failed: QEMU exited with code 1") from None
        finally:
            self.reservations.release(vmid)
        task.log(*started.lines)
        self.machine.journal += [f"QEMU[{self.pids[vmid]}]: {line}" for line in started.later]
        self.reservations.keep(vmid, addresses)
        self.since[vmid] = self.machine.clock.elapsed()
        self.machine.fs.put(f"/var/run/qemu-server/{vmid}.pid", f"{self.pids[vmid]}\n")
        disk = self._disks.setdefault(vmid, Disk())
        if "pre-enrolled-keys=1" in config.get("efidisk0", ""):
            # OVMF with Secure Boot runs no unsigned ROM (facts: peers-and-failures.md 3, row 12; reported by users).
            started.helper_fits = False
        self.machine.guests[vmid] = Guest(self.machine, dict(config), started, disk)

    async def stop(self, vmid: int, task: Task | None = None) -> None:
        """qm stop: off at once; nothing where it does not run."""
        if self.machine.guests.pop(vmid, None) is not None:
            pid = f"/var/run/qemu-server/{vmid}.pid"
            if self.machine.fs.exists(pid):
                self.machine.fs.remove(pid)
            self.reservations.release(vmid)
            file = self.file(vmid)
            if file.pending:
                file.main, file.pending = self.next(file), {}
                self.save(vmid, file)
            await self.machine.switched_off(vmid)

    async def shutdown(self, vmid: int, timeout: float, force: bool, task: Task) -> None:
        """Ask Windows; without an agent the ACPI button works only in a finished Windows."""
        guest = self.machine.guests.get(vmid)
        if guest is None:
            return
        if guest.disk.installed:
            await self.machine.clock.sleep(min(5, timeout))
            await self.stop(vmid)
            return
        if self.version >= (8, 4) and self.file(vmid).main.get("agent", "").startswith(("1", "enabled=1")):
            task.log(notices.NO_AGENT.format(vmid=vmid))
        await self.machine.clock.sleep(timeout)
        if not force:
            raise died("VM quit/powerdown failed" + (" - got timeout" if self.version >= (8, 4) else ""))
        await self.stop(vmid)

    def destroy(self, vmid: int, task: Task, purge: bool = False, unreferenced: bool = False) -> None:
        """Inside the task qmdestroy. `unreferenced`: one broken storage ends it after the disks are gone."""
        config = self.file(vmid).main
        self.unlocked(config)
        if self.running(vmid):
            raise died(f"VM {vmid} is running - destroy failed")
        for _, volid in volumes(config, with_unused=True):
            if volid in self.storages.volumes:
                task.log(*self.storages.drop(volid))
        if unreferenced:
            self.storages.check_all()
        if purge:
            task.log(f"purging VM {vmid} from related configurations..")
        self.machine.fs.remove(self.path(vmid))
        self._disks.pop(vmid, None)

    def guest(self, vmid: int) -> Guest:
        """The running VM whose agent is asked. Raises PVE's texts."""
        config = self.file(vmid).main
        if not config.get("agent", "").startswith(("1", "enabled=1")):
            raise died("No QEMU guest agent configured")
        guest = self.machine.guests.get(vmid)
        if guest is None:
            raise died(f"VM {vmid} is not running")
        return guest

    def save(self, vmid: int, file: vmconfig.VmFile) -> None:
        if not self.machine.cluster_files.quorate:
            raise died(NO_QUORUM)
        path = self.path(vmid)
        text = vmconfig.serialise(file)
        self.machine.fs.put(path, text)
        self.machine.cluster_files.changed(vmid)

    def next(self, file: vmconfig.VmFile) -> dict[str, str]:
        config = {**file.main, **{key: value for key, value in file.pending.items() if key != "delete"}}
        for key in file.pending.get("delete", "").split(","):
            config.pop(key, None)
        return config

    def unlocked(self, config: dict[str, str], skip: bool = False) -> None:
        if "lock" in config and not skip:
            raise died(f"VM is locked ({config['lock']})")

    @property
    def version(self) -> tuple[int, ...]:
        return numbers(self.machine.scenario.get("pve.qemu_server", "8.2.1"))

    def typed(self, values: dict[str, str]) -> dict[str, Any]:
        """A section as the API gives it."""
        return typed(values)

    def _builder(self, vmid: int, log: Log = quiet) -> Builder:
        newer = self.version >= (8, 4)
        lines = ENROL if newer else ()
        return Builder(self.storages, vmid, log, newer, lines)

    def _defaults(self, config: dict[str, str]) -> None:
        version = self.machine.scenario.get("pve.qemu").split("-")[0]
        config.setdefault("meta", f"creation-qemu={version},ctime={int(self.machine.clock.now())}")
        config.setdefault("smbios1", f"uuid={uuid.uuid4()}")
        config.setdefault("vmgenid", str(uuid.uuid4()))
        windows = config.get("ostype", "").startswith(("w", "win"))
        if windows and config.get("machine", "pc") in ("pc", ""):
            major, minor, *_ = numbers(version)
            config["machine"] = f"pc-i440fx-{major}.{minor}"

    def _bridges(self, vmid: int, config: dict[str, str], task: Task) -> None:
        for key, value in config.items():
            bridge = schema.properties(value, "model").get("bridge")
            if key.startswith("net") and bridge and not self.machine.fs.exists(f"/sys/class/net/{bridge}"):
                if self.version >= (9,):
                    raise died(f"bridge '{bridge}' does not exist")
                scripts = showcmd.scripts(self.version)
                tap = f"type=tap,id={key},ifname=tap{vmid}i{key[3:]},{scripts}"
                reason = f"network script {scripts.split(',')[0].partition('=')[2]} failed with status 512"
                task.log(f"bridge '{bridge}' does not exist", f"kvm: -netdev {tap}: {reason}")
                raise died("start failed: QEMU exited with code 1")

    def _volumes(self, config: dict[str, str]) -> None:
        for key, value in sorted(config.items()):
            volid = value.split(",")[0]
            if DISK.fullmatch(key) and volid not in ("none", "cdrom") and not self.storages.exists(volid):
                raise died(f"volume '{volid}' does not exist")

    async def _pin_memory(self, config: dict[str, str], command: list[str]) -> None:
        """With a host device all memory is pinned before kvm answers; qemu-server waits for it so long and no longer
        (facts: pve.md 1.6)."""
        memory = int(schema.properties(config.get("memory", "512"), "current")["current"]) / 1024
        assigned = any(key.startswith("hostpci") for key in config)
        most = max(30.0, memory if memory > 30 else 0) * (4 if assigned else 1)
        takes = memory * float(self.machine.scenario.get("hardware.pin_seconds_per_gib", 0)) if assigned else 0
        await self.machine.clock.sleep(min(2 + takes, most))
        if 2 + takes > most:
            raise died(f"start failed: command '{shlex.join(command)}' failed: got timeout")


def typed(values: dict[str, str]) -> dict[str, Any]:
    """Integers as the API gives them; memory and agent stay strings (facts: pve-behaviour.md section 5)."""
    return {key: int(value) if key in INTEGERS and value.isdigit() else value for key, value in values.items()}
