"""VMs: created, configured, started and stopped as qemu-server does."""

from __future__ import annotations

import asyncio
import re
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from practice import qemu, vfio
from practice.pve import schema, showcmd, vmconfig
from practice.pve.errors import died, invalid
from practice.pve.storage import GIB, Storages
from practice.pve.tasks import Task
from practice.pve.users import Caller
from practice.windows import Disk, Guest

if TYPE_CHECKING:
    from practice.machine import Machine

DISK = re.compile(r"(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused)\d+")
ALLOCATE = re.compile(r"(?P<storage>[^/:\s]+):(?P<size>\d+(?:\.\d+)?)")
EFI_SIZE = 4 << 20
HOTPLUG = ("name", "onboot", "description", "tags", "boot", "startup", "agent")
"""Options that take effect on a running VM; the others wait as pending (facts: pve-behaviour.md section 5)."""

INTEGERS = ("cores", "sockets", "balloon", "numa", "onboot", "tablet", "acpi", "kvm")


class Vms:
    """The VMs of the node; the files below /etc/pve are the truth."""

    def __init__(self, machine: Machine, storages: Storages) -> None:
        self._machine = machine
        self._storages = storages
        self._disks: dict[int, Disk] = {}
        self._pids: dict[int, int] = {}
        self._running_config: dict[int, dict[str, str]] = {}

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
        shown: dict[str, Any] = {key: int(value) if key in INTEGERS else value for key, value in values.items()}
        return {**shown, "digest": vmconfig.digest(self.text(vmid))}

    def pending(self, vmid: int) -> list[dict[str, Any]]:
        file = self.file(vmid)
        removed = [key for key in file.pending.get("delete", "").split(",") if key]
        rows = []
        for key in sorted({*file.main, *(key for key in file.pending if key != "delete")}):
            row: dict[str, Any] = {"key": key}
            if key in file.main:
                row["value"] = file.main[key]
            if key in file.pending:
                row["pending"] = file.pending[key]
            if key in removed:
                row["delete"] = 1
            rows.append(row)
        return rows

    def status(self, vmid: int) -> dict[str, Any]:
        values = self.file(vmid).main
        running = self.running(vmid)
        row: dict[str, Any] = {
            "vmid": vmid,
            "name": values.get("name", f"VM {vmid}"),
            "status": "running" if running else "stopped",
            "qmpstatus": "running" if running else "stopped",
            "cpus": int(values.get("cores", "1")) * int(values.get("sockets", "1")),
            "maxmem": int(values.get("memory", "512")) << 20,
            "mem": 0,
            "maxdisk": 0,
            "disk": 0,
            "uptime": 0,
            "ha": {"managed": 0},
        }
        if values.get("agent", "").startswith(("1", "enabled=1")):
            row["agent"] = 1
        if "lock" in values:
            row["lock"] = values["lock"]
        if running:
            row["pid"] = self._pids[vmid]
            row["running-qemu"] = self._machine.scenario.get("pve.qemu").split("-")[0]
            row["running-machine"] = f"{values.get('machine', 'pc')}+pve0"
        return row

    async def create(self, vmid: int, values: dict[str, str], caller: Caller, task: Task) -> None:
        """Inside the task qmcreate; disks that were made are removed again where it fails."""
        made: list[str] = []
        try:
            config = {}
            for key in sorted(values):
                config[key] = self._realise(vmid, key, values[key], task, made)
            self._defaults(config)
            self._save(vmid, vmconfig.VmFile(main=config))
        except Exception:
            for volid in made:
                self._storages.volumes.pop(volid, None)
                task.log(f'  Logical volume "{volid.partition(":")[2]}" successfully removed.')
            raise
        await self._machine.clock.sleep(1)

    def check_new(self, vmid: int, values: dict[str, Any], caller: Caller) -> None:
        """What fails before the task begins."""
        schema.check(values, schema.OPTIONS)
        self._root_only(values, caller)
        for name in (ALLOCATE.match(str(value)) for key, value in values.items() if DISK.fullmatch(key)):
            if name:
                self._storages.get(name["storage"])
        if self._machine.fs.exists(self.path(vmid)):
            raise died(f"unable to create VM {vmid} - VM {vmid} already exists on node '{self._machine.node}'")

    def update(
        self, vmid: int, values: dict[str, Any], caller: Caller, warn: vmconfig.Warn = lambda text: None
    ) -> None:
        """PUT config / qm set."""
        values = {key: str(value) for key, value in values.items()}
        delete = [key for key in re.split(r"[,;\s]+", values.pop("delete", "")) if key]
        expected = values.pop("digest", "")
        skip = values.pop("skiplock", "0") == "1"
        if skip and not caller.is_root:
            raise invalid(skiplock="Only root may use this option.")
        values.pop("force", None)
        values.pop("background_delay", None)
        schema.check(values, schema.OPTIONS)
        for key in delete:
            if key not in schema.OPTIONS:
                raise invalid(delete=f"unknown setting '{key}'")
            if key in values:
                raise invalid(**{key: f"you can't use '-{key}' and '-delete {key}' at the same time"})
        if not values and not delete:
            raise died("no options specified")
        self._root_only({**values, **dict.fromkeys(delete, "")}, caller)
        file = self.file(vmid, warn)
        self._unlocked(file.main, skip or "lock" in values)
        if expected and expected != vmconfig.digest(self.text(vmid)):
            old = qemu.numbers(self._machine.scenario.get("pve.qemu_server", "8.2.1")) < (8, 2, 5)
            word = "missmatch" if old else "mismatch"
            raise died(f"checksum {word} (file change by other user?)")
        for key in delete:
            if key not in file.main and key not in file.pending:
                warn(f"cannot delete '{key}' - not set in current configuration!\n")
        self._merge(vmid, file, values, delete)
        self._save(vmid, file)

    def _merge(self, vmid: int, file: vmconfig.VmFile, values: dict[str, str], delete: list[str]) -> None:
        running = self.running(vmid)
        later = [key for key in file.pending.pop("delete", "").split(",") if key and key not in values]
        for key, value in values.items():
            realised = self._realise(vmid, key, value, None, [])
            target = file.pending if running and key not in HOTPLUG else file.main
            target[key] = realised if value or key != "args" else " "
            if target is file.pending and file.main.get(key) == realised:
                del file.pending[key]
        for key in delete:
            file.pending.pop(key, None)
            if running and key not in HOTPLUG and key in file.main:
                later.append(key)
            else:
                file.main.pop(key, None)
        if later:
            file.pending["delete"] = ",".join(dict.fromkeys(later))

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
        self._bridges(config, task)
        command = showcmd.command_line(self._machine, self._storages, vmid, config)
        self._volumes(config)
        for address in self._addresses(config):
            self._reserve(vmid, address)
            try:
                vfio.prepare(self._machine, address)
            except vfio.PrepareError as error:
                raise died(str(error)) from None
        await self._machine.clock.sleep(2)
        try:
            started = qemu.launch(self._machine, command)
        except qemu.QemuRefused as refused:
            task.log(*refused.lines)
            raise died("start failed: QEMU exited with code 1") from None
        task.log(*started.lines)
        self._pids[vmid] = 20_000 + vmid
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
            raise died(f"VM {vmid} not running")
        if guest.disk.installed:
            await self._machine.clock.sleep(min(5, timeout))
            await self.stop(vmid)
            return
        await self._machine.clock.sleep(timeout)
        if not force:
            raise died("VM quit/powerdown failed - got timeout")
        await self.stop(vmid)

    def destroy(self, vmid: int, task: Task) -> None:
        """Inside the task qmdestroy."""
        config = self.file(vmid).main
        if self.running(vmid):
            raise died(f"VM {vmid} is running - destroy failed")
        for key, value in sorted(config.items()):
            volid = value.split(",")[0]
            if DISK.fullmatch(key) and volid in self._storages.volumes:
                del self._storages.volumes[volid]
                task.log(f'  Logical volume "{volid.partition(":")[2]}" successfully removed.')
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

    def _root_only(self, values: dict[str, Any], caller: Caller) -> None:
        """Raw passthrough and args belong to root@pam; no token counts as that (facts: pve.md 2)."""
        for key in sorted(values):
            if key.startswith("hostpci") and "mapping=" not in str(values[key]):
                caller.require_root(f"only root can set '{key}' config for non-mapped devices")
            elif key in ("args", "lock", "hookscript"):
                caller.require_root(f"only root can set '{key}' config")

    def _realise(self, vmid: int, key: str, value: str, task: Task | None, made: list[str]) -> str:
        """Allocate disks, check ISOs, invent MACs."""
        if key.startswith("net"):
            return _with_mac(value)
        if not DISK.fullmatch(key):
            return value
        first, _, rest = value.partition(",")
        match = ALLOCATE.fullmatch(first)
        tail = f",{rest}" if rest else ""
        if match:
            size = EFI_SIZE if key.startswith(("efidisk", "tpmstate")) else int(float(match["size"]) * GIB)
            volid = self._storages.allocate(match["storage"], vmid, size)
            made.append(volid)
            if task is not None:
                task.log(f'  Logical volume "{volid.partition(":")[2]}" created.')
            return _sorted_options(f"{volid}{tail},size={self._storages.size_text(volid)}")
        if first == "none":
            return value
        if not self._storages.exists(first):
            raise died(f"volume '{first}' does not exist")
        if "size=" in rest:
            return value
        return _sorted_options(f"{first}{tail},size={self._storages.size_text(first)}")

    def _defaults(self, config: dict[str, str]) -> None:
        version = self._machine.scenario.get("pve.qemu").split("-")[0]
        config.setdefault("meta", f"creation-qemu={version},ctime={int(self._machine.clock.now())}")
        config.setdefault("smbios1", f"uuid={uuid.uuid4()}")
        config.setdefault("vmgenid", str(uuid.uuid4()))
        windows = config.get("ostype", "").startswith(("w", "win"))
        if windows and config.get("machine", "pc") in ("pc", ""):
            major, minor, *_ = qemu.numbers(version)
            config["machine"] = f"pc-i440fx-{major}.{minor}"

    def _bridges(self, config: dict[str, str], task: Task) -> None:
        for key, value in config.items():
            bridge = schema.properties(value, "model").get("bridge")
            if key.startswith("net") and bridge and not self._machine.fs.exists(f"/sys/class/net/{bridge}"):
                task.log(f"bridge '{bridge}' does not exist")
                raise died("start failed: QEMU exited with code 1")

    def _volumes(self, config: dict[str, str]) -> None:
        for key, value in sorted(config.items()):
            volid = value.split(",")[0]
            if DISK.fullmatch(key) and volid != "none" and not self._storages.exists(volid):
                raise died(f"volume '{volid}' does not exist")

    def _addresses(self, config: dict[str, str]) -> list[str]:
        hosts = [schema.properties(value, "host")["host"] for key, value in config.items() if key.startswith("hostpci")]
        return [host if host.count(":") == 2 else f"0000:{host}" for host in hosts]

    def _reserve(self, vmid: int, address: str) -> None:
        for other in self._machine.guests:
            if other != vmid and address in self._addresses(self.file(other).main):
                raise died(f"PCI device '{address}' already in use by VMID '{other}'")


def _with_mac(value: str) -> str:
    model, _, rest = value.partition(",")
    if "=" not in model:
        raw = secrets.token_hex(3).upper()
        model = f"{model}=BC:24:11:{raw[0:2]}:{raw[2:4]}:{raw[4:6]}"
    return f"{model},{rest}" if rest else model


def _sorted_options(value: str) -> str:
    """PVE prints the volume first and its options sorted by name."""
    first, *rest = value.split(",")
    return ",".join([first, *sorted(rest)])
