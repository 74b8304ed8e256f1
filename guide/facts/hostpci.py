"""`hostpciN:` and `args:` of a VM, taken apart (schema: facts/pve.md 1.1, 1.4)."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from guide.facts.lspci import full_address
from guide.facts.model import VmConfig

_KEY = re.compile(r"hostpci(\d{1,2})$")
_DEVICE = re.compile(r"-device\s+vfio-pci,(\S+)")
CHIP_PREFIX = "device.hostpci0."
"""Before every property that `args:` sets on the chip."""

_SET = re.compile(r"device\.(hostpci\d{1,2}(?:\.\d)?)\.([^.=]+)=(.*)$")


@dataclass(frozen=True)
class HostPci:
    """One entry. `hosts`: as written or mapped, with the domain added; without a function it means all of the slot."""

    key: str
    text: str
    hosts: tuple[str, ...]
    options: Mapping[str, str]

    def takes(self, address: str) -> bool:
        """Whether this entry hands over the function `address` (0000:00:02.0); PVE matches by prefix."""
        return any(address == host or address.startswith(f"{host}.") for host in self.hosts)

    @property
    def is_on(self) -> bool:
        return self.options.get("legacy-igd") in ("1", "on", "yes", "true")


def entries(vm: VmConfig) -> tuple[HostPci, ...]:
    """All `hostpciN` of the main section, by number, and devices that `args` names itself, as old guides do."""
    keys = [(int(match[1]), key) for key in vm.options if (match := _KEY.match(key))]
    by_hand = (_entry("args", words) for words in _DEVICE.findall(vm.options.get("args", "")))
    return (*(_entry(key, vm.options[key], vm.mappings) for _, key in sorted(keys)), *by_hand)


def set_properties(vm: VmConfig) -> dict[tuple[str, str], str]:
    """What `-set device.ID.PROPERTY=VALUE` in `args` says: (ID, PROPERTY) -> VALUE; the last one wins."""
    try:
        words = shlex.split(vm.options.get("args", ""))
    except ValueError:
        return {}
    found = {}
    for word, following in itertools.pairwise(words):
        match = _SET.match(following) if word == "-set" else None
        if match:
            found[(match[1], match[2])] = match[3]
    return found


def foreign_args(args: str) -> list[str]:
    """The parts of an existing `args` that are not about hostpci0, kept as they are."""
    try:
        words = shlex.split(args)
    except ValueError:
        return []
    kept: list[str] = []
    skip = False
    for word, following in itertools.zip_longest(words, words[1:], fillvalue=""):
        if skip:
            skip = False
        elif word == "-set" and following.startswith(CHIP_PREFIX):
            skip = True
        else:
            kept.append(shlex.quote(word))
    return kept


def _entry(key: str, text: str, mappings: Mapping[str, tuple[str, ...]] | None = None) -> HostPci:
    parts = [part.partition("=") for part in text.split(",")]
    options = {name.strip(): value.strip() for name, separator, value in parts if separator}
    bare = next((name for name, separator, _ in parts if not separator), "")
    mapped = (mappings or {}).get(options.get("mapping", ""), ())
    hosts = [*(options.get("host") or bare).lower().split(";"), *mapped]
    if "romfile" in options:
        options["romfile"] = options["romfile"].removeprefix("/usr/share/kvm/")
    return HostPci(key, text, tuple(full_address(host.strip()) for host in hosts if ":" in host), options)
