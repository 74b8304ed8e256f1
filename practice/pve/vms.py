"""VMs: created, configured, started and stopped as qemu-server does."""

from __future__ import annotations

import asyncio
import re
import uuid
from typing import TYPE_CHECKING, Any

from practice import qemu, vfio
from practice.pve import changes, schema, showcmd, vmconfig
from practice.pve.drives import ALLOCATE, DISK, Builder, Log, bytes_of, quiet, volumes
from practice.pve.errors import PveError, died, invalid
from practice.pve.storage import Storages
from practice.pve.tasks import Task
from practice.pve.users import Caller
from practice.windows import Disk, Guest

if TYPE_CHECKING:
    from practice.machine import Machine

HOTPLUG = ("name", "onboot", "description", "tags", "boot", "startup", "agent")
"""Options that take effect on a running VM; the others wait as pending (facts: pve-behaviour.md section 5)."""

ENROL = (
    "INFO: reading raw edk2 varstore from /usr/share/pve-edk2-firmware//OVMF_VARS_4M.ms.fd",
    "INFO: var store range: 0x64 -> 0x40000",
)
"""virt-fw-vars, which 8.4 enrols keys with (recorded: PVE 8.4.21)."""

INTEGERS = ("cores", "sockets", "balloon", "numa", "onboot", "tablet", "acpi", "kvm")


class Vms:
    """The VMs of the node; the files below /etc/pve are the truth."""

    def __init__(self, machine: Machine, storages: Storages) -> None:
        self._machine = machine
        self._storages = storages
        self._disks: dict[int, Disk] = {}
        self._pids: dict[int, int] = {}
        self._since: dict[int, float] = {}

    def path(self, vmid: int) -> str:
        return f"/etc/pve/nodes/{self._machine.node}/qemu-server/{vmid}.conf"

    def ids(self) -> list[int]:
        folder = f"/etc/pve/nodes/{self._machine.node}/qemu-server"
        return sorted(int(name[:-5]) for name in self._machine.fs.listdir(folder) if re.fullmatch(r"\d+\.conf", name))

    def text(self, vmid: int) -> str:
        if not self._machine.fs.exists(self.path(vmid)):
            raise died(f"Configuration file 'nodes/{self._machine.node}/qemu-server/{vmid}.conf' does not exist")
        return self._machine.fs.text(self.path(vmid))

    def file(self, vmid: int, warn: vmconfig.Warn = lambda text: None) -> vmconfig.VmFile:
        return vmconfig.parse(vmid, self.text(vmid), warn)

    def running(self, vmid: int) -> bool:
        return vmid in self._machine.guests

    def config(self, vmid: int, current: bool = False) -> dict[str, Any]:
        """GET config: pending values while it runs, unless `current`."""
        file = self.file(vmid)
        values = dict(file.main)
        if not current:
            values.update({key: value for key, value in file.pending.items() if key != "delete"})
            for key in file.pending.get("delete", "").split(","):
                values.pop(key, None)
        return {**_typed(values), "digest": vmconfig.digest(self.text(vmid))}

    def pending(self, vmid: int) -> list[dict[str, Any]]:
        file = self.file(vmid)
        removed = [key for key in file.pending.get("delete", "").split(",") if key]
        main, waiting = _typed(file.main), _typed(file.pending)
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
        """GET status/current: the row of the list and what only the running VM or the configuration tells."""
        values, row = self.file(vmid).main, self.status(vmid)
        row.update(qmpstatus=row["status"], ha={"managed": 0})
        if self._version < (8, 4):
            row["clipboard"] = None
        if values.get("agent", "").startswith(("1", "enabled=1")):
            row["agent"] = 1
        return row

    def _boot_disk(self, values: dict[str, str]) -> int:
        """The size of the first disk of the boot order, else 0."""
        order = schema.properties(values.get("boot", ""), "legacy").get("order", "")
        for key in order.split(";"):
            if DISK.fullmatch(key) and "media=cdrom" not in values.get(key, "media=cdrom"):
                return bytes_of(schema.properties(values[key], "file").get("size", "0"))
        return 0

    def status(self, vmid: int) -> dict[str, Any]:
        """The VM's row in GET qemu."""
        values = self.file(vmid).main
        running = self.running(vmid)
        row: dict[str, Any] = {
            "vmid": vmid,
            "name": values.get("name", f"VM {vmid}"),
            "status": "running" if running else "stopped",
            "cpus": int(values.get("cores", "1")) * int(values.get("sockets", "1")),
            "maxmem": int(values.get("memory", "512")) << 20,
            "maxdisk": self._boot_disk(values),
            **dict.fromkeys(("cpu", "mem", "disk", "uptime", "netin", "netout"), 0),
        }
        if running or self._version < (8, 4):
            row.update(diskread=0, diskwrite=0)
        if "tags" in values:
            row["tags"] = values["tags"]
        if "lock" in values:
            row["lock"] = values["lock"]
        if running:
            row["uptime"] = int(self._machine.clock.elapsed() - self._since[vmid])
            row["pid"] = self._pids[vmid]
            row["running-qemu"] = self._machine.scenario.get("pve.qemu").split("-")[0]
            row["running-machine"] = f"{values.get('machine', 'pc')}+pve0"
        return row

    async def create(self, vmid: int, values: dict[str, str], caller: Caller, task: Task) -> None:
        """Inside the task qmcreate; disks that were made are removed again where it fails."""
        builder = self._builder(vmid, task.log)
        try:
            config = {key: builder.value(key, value) for key, value in sorted(values.items())}
            self._defaults(config)
            self._save(vmid, vmconfig.VmFile(main=config))
        except PveError as error:
            builder.undo()
            raise died(f"unable to create VM {vmid} - {error.reason}") from None
        await self._machine.clock.sleep(1)

    def check_new(self, vmid: int, values: dict[str, Any], caller: Caller) -> None:
        """What fails before the task begins."""
        schema.check(values, schema.OPTIONS)
        changes.root_only(values, [], {}, caller, self._version)
        for name in (ALLOCATE.match(str(value)) for key, value in values.items() if DISK.fullmatch(key)):
            if name:
                self._storages.supports_images(name["storage"])
        if self._machine.fs.exists(self.path(vmid)):
            raise died(f"unable to create VM {vmid} - VM {vmid} already exists on node '{self._machine.node}'")

    def update(
        self, vmid: int, values: dict[str, Any], caller: Caller, warn: vmconfig.Warn = lambda text: None
    ) -> None:
        """PUT config / qm set."""
        values = {key: str(value) for key, value in values.items()}
        schema.check(values, changes.UPDATE)
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
        changes.root_only(values, delete, file.main, caller, self._version)
        self._unlocked(file.main, skip or "lock" in values)
        self.check_digest(vmid, expected)
        for key in delete:
            if key not in file.main and key not in file.pending:
                warn(f"cannot delete '{key}' - not set in current configuration!\n")
        for key in revert:
            file.pending.pop(key, None)
        changes.sensible({**file.main, **values}, values)
        self._merge(vmid, file, values, delete)
        self._save(vmid, file)

    def check_digest(self, vmid: int, expected: str) -> None:
        """Raises 500 where the file is not the one that the caller has seen."""
        if expected and expected != vmconfig.digest(self.text(vmid)):
            # Spelled wrongly until 8.2 (facts: pve-behaviour.md section 5).
            word = "missmatch" if self._version < (8, 2, 5) else "mismatch"
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
        if old not in self._storages.volumes or value.split(",")[0] == old:
            return
        if key.startswith("unused"):
            self._storages.drop(old)
            return
        free = next(f"unused{number}" for number in range(256) if f"unused{number}" not in config)
        config[free] = old

    def show_command(self, vmid: int, warn: vmconfig.Warn = lambda text: None) -> list[str]:
        """qm showcmd: the checks of a start without starting."""
        file = self.file(vmid, warn)
        return showcmd.command_line(self._machine, self._storages, vmid, self._next(file))

    async def start(self, vmid: int, task: Task) -> None:
        """Inside the task qmstart."""
        file = self.file(vmid)
        self._unlocked(file.main)
        if self.running(vmid):
            raise died(f"VM {vmid} already running")
        if file.pending:
            file.main, file.pending = self._next(file), {}
            self._save(vmid, file)
        config = file.main
        command = showcmd.command_line(self._machine, self._storages, vmid, config)
        if any(value.startswith("cdrom") for value in config.values()):
            task.log("WARN: no physical CD-ROM available, ignoring")
        self._volumes(config)
        for address in self._addresses(config):
            self._reserve(vmid, address)
            try:
                vfio.prepare(self._machine, address)
            except vfio.PrepareError as error:
                raise died(str(error)) from None
        self._bridges(vmid, config, task)
        await self._machine.clock.sleep(2)
        try:
            started = qemu.launch(self._machine, command)
        except qemu.QemuRefused as refused:
            task.log(*refused.lines)
            raise died("start failed: QEMU exited with code 1") from None
        task.log(*started.lines)
        self._pids[vmid] = 20_000 + vmid
        self._since[vmid] = self._machine.clock.elapsed()
        self._machine.fs.put(f"/var/run/qemu-server/{vmid}.pid", f"{self._pids[vmid]}\n")
        disk = self._disks.setdefault(vmid, Disk())
        self._machine.guests[vmid] = Guest(self._machine, dict(config), started, disk)

    async def stop(self, vmid: int, task: Task | None = None) -> None:
        """qm stop: off at once; nothing where it does not run."""
        if self._machine.guests.pop(vmid, None) is not None:
            pid = f"/var/run/qemu-server/{vmid}.pid"
            if self._machine.fs.exists(pid):
                self._machine.fs.remove(pid)
            file = self.file(vmid)
            if file.pending:
                file.main, file.pending = self._next(file), {}
                self._save(vmid, file)
            await asyncio.sleep(0)

    async def shutdown(self, vmid: int, timeout: float, force: bool) -> None:
        """Ask Windows; without an agent the ACPI button works only in a finished Windows."""
        guest = self._machine.guests.get(vmid)
        if guest is None:
            return
        if guest.disk.installed:
            await self._machine.clock.sleep(min(5, timeout))
            await self.stop(vmid)
            return
        await self._machine.clock.sleep(timeout)
        if not force:
            raise died("VM quit/powerdown failed")
        await self.stop(vmid)

    def destroy(self, vmid: int, task: Task, purge: bool = False, unreferenced: bool = False) -> None:
        """Inside the task qmdestroy. `unreferenced`: one broken storage ends it after the disks are gone."""
        config = self.file(vmid).main
        self._unlocked(config)
        if self.running(vmid):
            raise died(f"VM {vmid} is running - destroy failed")
        for _, volid in volumes(config, with_unused=True):
            if volid in self._storages.volumes:
                task.log(*self._storages.drop(volid))
        if unreferenced:
            self._storages.check_all()
        if purge:
            task.log(f"purging VM {vmid} from related configurations..")
        self._machine.fs.remove(self.path(vmid))
        self._disks.pop(vmid, None)

    def guest(self, vmid: int) -> Guest:
        """The running VM whose agent is asked. Raises PVE's texts."""
        config = self.file(vmid).main
        if not config.get("agent", "").startswith(("1", "enabled=1")):
            raise died("No QEMU guest agent configured")
        guest = self._machine.guests.get(vmid)
        if guest is None:
            raise died(f"VM {vmid} is not running")
        return guest

    def _save(self, vmid: int, file: vmconfig.VmFile) -> None:
        path = self.path(vmid)
        self._machine.fs.put(path, vmconfig.serialise(file), 0o640)
        self._machine.fs.change(path, gid=33)

    def _next(self, file: vmconfig.VmFile) -> dict[str, str]:
        config = {**file.main, **{key: value for key, value in file.pending.items() if key != "delete"}}
        for key in file.pending.get("delete", "").split(","):
            config.pop(key, None)
        return config

    def _unlocked(self, config: dict[str, str], skip: bool = False) -> None:
        if "lock" in config and not skip:
            raise died(f"VM is locked ({config['lock']})")

    @property
    def _version(self) -> tuple[int, ...]:
        return qemu.numbers(self._machine.scenario.get("pve.qemu_server", "8.2.1"))

    def _builder(self, vmid: int, log: Log = quiet) -> Builder:
        newer = self._version >= (8, 4)
        lines = ENROL if newer else ()
        return Builder(self._storages, vmid, log, newer, lines)

    def _defaults(self, config: dict[str, str]) -> None:
        version = self._machine.scenario.get("pve.qemu").split("-")[0]
        config.setdefault("meta", f"creation-qemu={version},ctime={int(self._machine.clock.now())}")
        config.setdefault("smbios1", f"uuid={uuid.uuid4()}")
        config.setdefault("vmgenid", str(uuid.uuid4()))
        windows = config.get("ostype", "").startswith(("w", "win"))
        if windows and config.get("machine", "pc") in ("pc", ""):
            major, minor, *_ = qemu.numbers(version)
            config["machine"] = f"pc-i440fx-{major}.{minor}"

    def _bridges(self, vmid: int, config: dict[str, str], task: Task) -> None:
        for key, value in config.items():
            bridge = schema.properties(value, "model").get("bridge")
            if key.startswith("net") and bridge and not self._machine.fs.exists(f"/sys/class/net/{bridge}"):
                if self._version >= (9,):
                    raise died(f"bridge '{bridge}' does not exist")
                scripts = showcmd.scripts(self._version)
                tap = f"type=tap,id={key},ifname=tap{vmid}i{key[3:]},{scripts}"
                reason = f"network script {scripts.split(',')[0].partition('=')[2]} failed with status 512"
                task.log(f"bridge '{bridge}' does not exist", f"kvm: -netdev {tap}: {reason}")
                raise died("start failed: QEMU exited with code 1")

    def _volumes(self, config: dict[str, str]) -> None:
        for key, value in sorted(config.items()):
            volid = value.split(",")[0]
            if DISK.fullmatch(key) and volid not in ("none", "cdrom") and not self._storages.exists(volid):
                raise died(f"volume '{volid}' does not exist")

    def _addresses(self, config: dict[str, str]) -> list[str]:
        hosts = [schema.properties(value, "host")["host"] for key, value in config.items() if key.startswith("hostpci")]
        return [host if host.count(":") == 2 else f"0000:{host}" for host in hosts]

    def _reserve(self, vmid: int, address: str) -> None:
        for other in self._machine.guests:
            if other != vmid and address in self._addresses(self.file(other).main):
                raise died(f"PCI device '{address}' already in use by VMID '{other}'")


def _typed(values: dict[str, str]) -> dict[str, Any]:
    """Integers as the API gives them; memory and agent stay strings (facts: pve-behaviour.md section 5)."""
    return {key: int(value) if key in INTEGERS and value.isdigit() else value for key, value in values.items()}
