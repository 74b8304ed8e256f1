"""The words of `args:` about the chip: what of them does not fit this QEMU, and the least that mends them (pure).

Superfluous words do no harm, and more stolen memory than asked for is the person's own choice (facts: pve.md 1.5).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from guide import igd
from guide.facts.hostpci import CHIP_PREFIX, foreign_args, set_properties
from guide.facts.model import Versions, VmConfig
from guide.igd import Decision
from guide.tables import table

GMS = "x-igd-gms"
ADDRESS = "addr"
Properties = dict[str, str]


def properties(args: str, key: str = "hostpci0") -> Properties:
    """What `args` sets on the device `key`."""
    found = set_properties(VmConfig(0, {"args": args}))
    return {name: value for (device, name), value in found.items() if device == key}


def misfits(have: Properties, decision: Decision, listed: frozenset[str] | None, *, placed: bool) -> tuple[str, ...]:
    """The properties that are lacking, have another meaning than needed, or are unknown to this host's kvm (`listed`).

    `placed`: legacy-igd=1 gives the guest address already (facts: pve.md 1.3). Any x-igd-gms will do here.
    """
    needed = _pairs(decision.args)
    if ADDRESS in have:
        # Whatever the generation: Windows' driver depends on 00:02.0 (facts: windows-and-rom.md B.3).
        needed[ADDRESS] = "02.0"
    elif placed:
        needed.pop(ADDRESS, None)
    wrong = [name for name, value in needed.items() if name not in have or not _same(name, have[name], value)]
    unknown = [name for name in have if listed is not None and name not in listed and name not in wrong]
    return (*wrong, *unknown)


def illegal_gms(have: Properties, device: str, qemu: str | None) -> str | None:
    """The value of x-igd-gms that this QEMU refuses for the chip, if it has one."""
    value, allowed = have.get(GMS), _allowed_gms(device, qemu)
    if value is None or allowed is None:
        return None
    try:
        number = int(value, 0)
    except ValueError:
        number = -1
    return None if any(low <= number <= high for low, high in allowed) else value


def mended(args: str, device: str, qemu: str | None, listed: frozenset[str] | None) -> str | None:
    """`args` as it is where it fits; else with what this QEMU needs, and without the words that another QEMU needed.

    Words about other things, and a legal x-igd-gms of the person's own, stay. None: the option need not be set.
    """
    decision, have = igd.decide(device, qemu), properties(args)
    illegal = illegal_gms(have, device, qemu)
    if illegal is None and not misfits(have, decision, listed, placed=True):
        return args or None
    needed = _pairs(decision.args)
    guides_own = {word for row in table("igd") for word in shlex.split(row["args"])}
    gms = have.get(GMS) if illegal is None else None
    if gms is not None and (GMS in needed or f"{CHIP_PREFIX}{GMS}={gms}" not in guides_own):
        needed[GMS] = gms
    for name, value in have.items():
        if not name.startswith("x-igd-") and name != ADDRESS and (listed is None or name in listed):
            needed.setdefault(name, value)
    words = (f"-set {shlex.quote(f'{CHIP_PREFIX}{name}={value}')}" for name, value in needed.items())
    return " ".join([*foreign_args(args), *words]) or None


def _pairs(words: Iterable[str]) -> Properties:
    split = (word.removeprefix(CHIP_PREFIX).partition("=") for word in words if word.startswith(CHIP_PREFIX))
    return {name: value for name, _, value in split}


def _same(name: str, one: str, other: str) -> bool:
    return name == GMS or _meaning(name, one) == _meaning(name, other)


def _meaning(name: str, value: str) -> object:
    """QEMU reads a PCI address as hexadecimal SLOT[.FUNCTION], and several words for a truth."""
    text = value.strip().lower()
    if name == ADDRESS:
        slot, _, function = text.partition(".")
        try:
            return int(slot, 16), int(function or "0", 16)
        except ValueError:
            return text
    return "on" if text in ("yes", "true") else text


def _allowed_gms(device: str, qemu: str | None) -> list[tuple[int, int]] | None:
    chip, version = igd.known(device), Versions.parse(qemu)
    for row in table("gms"):
        if chip and version and row["group"] == chip["group"] and igd.covers(row, version):
            bounds = (part.partition("-") for part in row["allowed"].split("|") if part)
            return [(int(low, 0), int(high, 0)) for low, _, high in bounds]
    return None
