"""Set and delete keys of a VM's configuration in one call, prove it with `qm showcmd`, and take it back if refused.

The configuration is never edited as a file: snapshots and pending sections live in it (facts: pve.md 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, Cost, JsonObject, Preview
from guide.changes.vm_power import shut_down, status
from guide.errors import ConfigRefused, FileChangedMeanwhile, UndoConflict
from guide.message import Message, message

Keys = Mapping[str, str | None]
"""Option -> value; None: the option is not set."""


@dataclass(frozen=True)
class ConfigureVm(Change):
    """`wanted` and `before` name the same options; what is already as wanted is not in them.

    One record per VM holds what all steps set: a remedy goes on with the values of step 4.3, and the other way round.
    """

    kind = "vm-config"
    vmid: int
    before: tuple[tuple[str, str | None], ...]
    wanted: tuple[tuple[str, str | None], ...]
    purpose: str

    @property
    def id(self) -> str:
        return f"vm-config:{self.vmid}"

    @property
    def title(self) -> Message:
        return message(f"change.{self.purpose}.title", vmid=self.vmid)

    @property
    def preview(self) -> Preview:
        before = dict(self.before)
        keys = tuple((key, before[key], value) for key, value in self.wanted)
        return Preview(keys=keys, commands=(f"qm showcmd {self.vmid} --pretty",))

    @property
    def costs(self) -> frozenset[Cost]:
        return frozenset({Cost.VM_OFF})

    def apply(self, context: ChangeContext) -> JsonObject:
        now, digest = _current(context, self.vmid)
        before, wanted = dict(self.before), dict(self.wanted)
        if any(now.get(key) not in (before[key], wanted[key]) for key in wanted):
            raise FileChangedMeanwhile(path=f"/etc/pve/qemu-server/{self.vmid}.conf")
        ours = _ours(context.earlier, now)
        # A value that is not ours any more is the person's, set since: undo goes back to that one.
        first = context.earlier.get("before", {})
        known = {key: value for key, value in first.items() if before.get(key, ours[key]) == ours[key]}
        record: JsonObject = {"vmid": self.vmid, "before": {**before, **known}, "after": {**ours, **wanted}}
        context.save({**record, "reached": ours})
        _write(context, self.vmid, wanted, now, digest)
        shown = context.host.run(["qm", "showcmd", str(self.vmid), "--pretty"], check=False, on_line=context.on_line)
        if shown.status != 0:
            context.log(message("change.vm-config.taken-back", vmid=self.vmid))
            fresh, digest = _current(context, self.vmid)
            _write(context, self.vmid, before, fresh, digest)
            raise ConfigRefused(shown.stderr or shown.stdout, vmid=str(self.vmid))
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        vmid = int(record["vmid"])
        if not status(context.host.api, vmid):
            return
        shut_down(context, vmid, force=True)
        now, digest = _current(context, vmid)
        before, ours = record["before"], _ours(record, now)
        changed = {key: before[key] for key in ours if now.get(key) != before[key]}
        foreign = [key for key in changed if now.get(key) != ours[key]]
        if foreign:
            difference = "\n".join(f"{key}: {ours[key]} -> {now.get(key)}" for key in foreign)
            raise UndoConflict(difference, what=f"/etc/pve/qemu-server/{vmid}.conf")
        _write(context, vmid, changed, now, digest)


def _ours(record: Mapping[str, Any], now: Mapping[str, str]) -> dict[str, str | None]:
    """Our newest value of each option; where the last try was refused or never written, what it found of ours."""
    reached = {key: value for key, value in record.get("reached", {}).items() if now.get(key) == value}
    return {**record.get("after", {}), **reached}


def _current(context: ChangeContext, vmid: int) -> tuple[dict[str, str], str]:
    """The configuration as strings (the API mixes integers in), and the digest that guards the write."""
    api = context.host.api
    config = api.get(f"nodes/{api.node}/qemu/{vmid}/config")
    return {key: str(value) for key, value in config.items() if key != "digest"}, str(config.get("digest", ""))


def _write(context: ChangeContext, vmid: int, wanted: Keys, now: Mapping[str, str], digest: str) -> None:
    """One write. args, raw hostpciN and romfile are root@pam-only and refused to tokens: those go by `qm set`."""
    values = {key: value for key, value in wanted.items() if value is not None and now.get(key) != value}
    delete = ",".join(key for key, value in wanted.items() if value is None and key in now)
    if not values and not delete:
        return
    api = context.host.api
    if api.is_root_ticket:
        extra = {"delete": delete} if delete else {}
        api.put(f"nodes/{api.node}/qemu/{vmid}/config", digest=digest, **values, **extra)
        return
    argv = ["qm", "set", str(vmid), "--digest", digest]
    for key, value in values.items():
        argv += [f"--{key}", value]
    if delete:
        argv += ["--delete", delete]
    context.host.run(argv, on_line=context.on_line)
