"""Rules of PUT config and create that look at more than one value: who may, and what does not fit together."""

from __future__ import annotations

import re

from practice.pve import schema
from practice.pve.calls import vm_options
from practice.pve.errors import died, invalid
from practice.pve.users import Caller


def root_only(
    values: dict[str, str], delete: list[str], now: dict[str, str], caller: Caller, release: tuple[int, ...]
) -> None:
    """Raw passthrough and args belong to root@pam; no token counts (facts: pve.md 2)."""
    raw = " for non-mapped devices" if release >= (8,) else ""
    if caller.is_root:
        return
    named = (*delete, *sorted(values))
    for key in named:
        if key in ("args", "lock", "hookscript"):
            raise died(f"only root can set '{key}' config")
    for key in named:
        if not key.startswith("hostpci"):
            continue
        if key in delete or any(text and "mapping=" not in text for text in (values.get(key), now.get(key))):
            raise died(f"only root can set '{key}' config{raw}")


def refused_roms(values: dict[str, str], caller: Caller, version: tuple[int, ...]) -> list[str]:
    """Mapped devices whose romfile only root@pam may set, in releases that look (facts: pve-behaviour.md 6)."""
    looks = version >= (9, 2, 6) or (8, 4, 10) <= version < (9,)
    if caller.is_root or not looks:
        return []
    return [key for key, value in values.items() if key.startswith("hostpci") and "romfile=" in value]


def names(values: dict[str, str], parameter: str) -> list[str]:
    """The options that `delete` or `revert` lists."""
    found = [key for key in re.split(r"[,;\s]+", values.pop(parameter, "")) if key]
    for key in found:
        if key not in vm_options():
            raise invalid(**{parameter: f"unknown option '{key}'"})
    return found


def sensible(config: dict[str, str], given: dict[str, str]) -> None:
    """The few combinations that qemu-server looks at when an option is set."""
    memory = schema.properties(config.get("memory", "512"), "current")["current"]
    if "balloon" in given and int(given["balloon"]) > int(memory):
        raise died("balloon value too large (must be smaller than assigned memory)")
    if "boot" in given:
        order = schema.properties(given["boot"], "legacy").get("order", "")
        for device in order.split(";"):
            if device and device not in config:
                raise died(f"invalid bootorder: device '{device}' does not exist'")
