"""Which `hostpciN` of the guide's VM is for what: hostpci0 for the chip, the sound beside it, others left alone.

The lines of `args` name hostpci0, so the chip cannot be elsewhere.
"""

from __future__ import annotations

import shlex

from guide import igd
from guide.facts.hostpci import HostPci, entries
from guide.facts.model import PciDevice, VmConfig
from guide.message import Message, message
from guide.step import View

KEYS = tuple(f"hostpci{number}" for number in range(16))
"""facts: pve.md 1.1"""


def held(view: View) -> tuple[HostPci, ...]:
    """The `hostpciN` entries of the guide's VM."""
    if view.vm is None:
        return ()
    surveyed = view.facts.vm(view.vm.vmid)
    options = {key: str(value) for key, value in view.vm.config.items() if key in KEYS}
    return entries(VmConfig(view.vm.vmid, options, mappings=surveyed.mappings if surveyed else {}))


def taken(view: View) -> tuple[Message, ...]:
    """Why hostpci0 cannot be the chip's: the person gave it to another device. It is not moved without being asked."""
    gpu = igd.igpu(view.facts)
    first = next((entry for entry in held(view) if entry.key == "hostpci0"), None)
    if view.vm is None or gpu is None or first is None or first.takes(gpu.address):
        return ()
    sound = igd.audio(view.facts, gpu)
    is_ours = sound is not None and first.hosts == (sound.address,)
    if is_ours or not (first.hosts or "mapping" in first.options):
        return ()
    used = {entry.key for entry in held(view)}
    free = next((key for key in KEYS[1:] if key not in used), "")
    command = f"qm set {view.vm.vmid} --{free} {shlex.quote(first.text)} --delete hostpci0"
    return (message("blocker.hostpci0-taken", vmid=view.vm.vmid, line=first.text, command=command),)


def others(view: View, devices: tuple[PciDevice, ...]) -> dict[str, str | None]:
    """The lines beside hostpci0: the sound where it is already, else in the first free place; the chip only once."""
    entries_there = [entry for entry in held(view) if entry.key != "hostpci0"]
    twice = [entry.key for entry in entries_there if entry.hosts == (devices[0].address,)]
    lines: dict[str, str | None] = dict.fromkeys(twice)
    for sound in devices[1:]:
        there = next((entry for entry in entries_there if entry.takes(sound.address)), None)
        used = {entry.key for entry in entries_there} - set(twice)
        free = next((key for key in KEYS[1:] if key not in used), None)
        if there is not None:
            lines[there.key] = there.text
        elif free is not None:
            lines[free] = sound.address
    return lines
