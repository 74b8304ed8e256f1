"""Chapter 2.2: the VM, made in one call with the guide's settings."""

from __future__ import annotations

from guide.change import Change
from guide.changes.vm_create import CreateVm
from guide.chapters.claims import claim, judged
from guide.chapters.media import volid
from guide.check import Check, Verdict
from guide.facts.model import Storage, Versions
from guide.message import Message, message
from guide.step import Step, View

MEMORY_MINIMUM = 4096
"""MiB; era A ROMs need the host's stolen-memory address inside guest RAM (facts: windows-and-rom.md B.3)."""


class CreateMachine(Step):
    """i440fx with a pinned version, OVMF, VirtIO SCSI or SATA, virtio NIC, both CDs, CPU host, at least 4 GiB."""

    id = "create"
    number = "2.2"
    chapter = 2
    needs_vm = True

    def blockers(self, view: View) -> tuple[Message, ...]:
        found = []
        if view.vm is not None:
            # Somebody else's VM under the chosen number must never become ours by accident.
            ours = view.memory.get("vmid") == view.vm.vmid or view.vm.config.get("name") == view.choices.vm.name
            return () if ours else (message("blocker.vm-number-taken", vmid=view.vm.vmid),)
        if disk_storage(view) is None:
            found.append(message("blocker.no-disk-storage"))
        if bridge(view) is None:
            found.append(message("blocker.no-bridge"))
        if view.choices.vm.memory < MEMORY_MINIMUM:
            found.append(message("blocker.memory-too-small", minimum=MEMORY_MINIMUM))
        if vmid(view) is None:
            found.append(message("blocker.vmid-unknown"))
        return tuple(found)

    def changes(self, view: View) -> tuple[Change, ...]:
        number = vmid(view)
        if view.vm is not None or self.blockers(view) or number is None:
            return ()
        return (CreateVm(number, tuple(parameters(view).items())),)

    def checks(self, view: View) -> tuple[Check, ...]:
        number = vmid(view) or 0
        show = f"qm config {number}"
        if view.vm is None:
            return (claim("vm-there", Verdict.FAIL, vmid=number, command="qm list"),)
        config = view.vm.config
        memory = str(config.get("memory", ""))
        cds = [str(config[key]) for key in ("ide0", "ide2", "ide3", "sata5") if "media=cdrom" in config.get(key, "")]
        return (
            claim("vm-there", Verdict.OK, str(config.get("name", "")), vmid=number, command="qm list"),
            judged("vm-i440fx", "q35" not in config.get("machine", ""), config.get("machine", ""), command=show),
            judged("vm-ovmf", config.get("bios") == "ovmf" and "efidisk0" in config, config.get("bios", "")),
            judged("vm-cpu-host", config.get("cpu", "").startswith("host"), config.get("cpu", ""), command=show),
            judged("vm-memory", memory.isdigit() and int(memory) >= MEMORY_MINIMUM, memory, minimum=MEMORY_MINIMUM),
            judged("vm-agent", str(config.get("agent", "")).startswith(("1", "enabled=1")), config.get("agent", "")),
            claim("vm-cds", Verdict.OK if len(cds) >= 2 else Verdict.WARN, "\n".join(cds), command=show),
        )


def vmid(view: View) -> int | None:
    """The number of the guide's VM: the one we made, else as chosen, else the cluster's next free one."""
    made = view.memory.get("vmid")
    return int(made) if made else view.choices.vm.vmid or view.next_vmid


def disk_storage(view: View) -> Storage | None:
    """Where the disks go: as chosen, else the active storage for images with the most free space."""
    usable = [storage for storage in view.facts.storages if storage.active and "images" in storage.content]
    wanted = view.choices.vm.storage
    if wanted:
        return next((storage for storage in usable if storage.name == wanted), None)
    return max(usable, key=lambda storage: storage.available or 0, default=None)


def bridge(view: View) -> str | None:
    """The bridge of the VM: as chosen, else the usual one."""
    network = view.facts.network
    if view.choices.vm.bridge:
        return view.choices.vm.bridge if view.choices.vm.bridge in network.bridges else None
    return network.usual_bridge


def machine_type(qemu: str | None) -> str:
    """pc-i440fx-9.0 for QEMU 9.0.2: pinned, because Windows dislikes new hardware (facts: pve-behaviour.md 4, 6)."""
    version = Versions.parse(qemu)
    return f"pc-i440fx-{version[0]}.{version[1]}" if len(version) >= 2 else "pc"


def parameters(view: View) -> dict[str, str]:
    """POST nodes/{node}/qemu without vmid (formats: facts/pve.md 3.3)."""
    vm = view.choices.vm
    storage = disk_storage(view)
    place = storage.name if storage else ""
    disk = f"{place}:{vm.disk_gib},discard=on,ssd=1"
    first = "scsi0" if vm.disk_bus == "scsi" else "sata0"
    chosen = {
        "name": vm.name,
        "ostype": "win10",
        "machine": machine_type(view.facts.versions.qemu),
        "bios": "ovmf",
        # Without Microsoft's keys: an unsigned option ROM may be refused under Secure Boot
        # (facts: peers-and-failures.md 3, row 12).
        "efidisk0": f"{place}:1,efitype=4m,pre-enrolled-keys=0",
        "scsihw": "virtio-scsi-single",
        first: f"{disk},iothread=1" if first == "scsi0" else disk,
        "net0": f"virtio,bridge={bridge(view)},firewall=1",
        "sockets": "1",
        "cores": str(vm.cores),
        "cpu": "host",
        "memory": str(vm.memory),
        # A passed-through device pins all guest memory, so ballooning has nothing to give back.
        "balloon": "0",
        "agent": "1",
        "onboot": str(int(vm.start_at_boot)),
        "boot": f"order={first};ide2;ide0",
    }
    for slot, kind in (("ide2", "windows"), ("ide0", "virtio")):
        iso = volid(view, kind)
        if iso:
            chosen[slot] = f"{iso},media=cdrom"
    return chosen
