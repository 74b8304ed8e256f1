"""Debian packages of the host: which are installed, which its repositories have (table: data/packages.toml)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from practice.igd import numbers
from practice.scenario import Scenario

if TYPE_CHECKING:
    from practice.machine import Machine

QEMU = "pve-qemu-kvm"


@cache
def table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "data" / "packages.toml").read_text(encoding="utf-8"))


def packages(versions: dict[str, str], kernels: list[str]) -> dict[str, str]:
    """Name -> version in the order of `pveversion -v`, which names one of them twice."""
    return dict(listed_packages(versions, kernels))


def installed(machine: Machine) -> dict[str, str]:
    """What this host has now."""
    scenario = machine.scenario
    return {**packages(scenario.get("pve", {}), machine.kernels), **scenario.get("packages", {})}


def offered(machine: Machine, name: str) -> list[str]:
    """Versions in the host's repositories, newest first; the installed one is there too, if only as installed."""
    now = installed(machine).get(name)
    found = list(table()["qemu"].get(str(machine.scenario.get("debian", 12)), [])) if name == QEMU else []
    return sorted({*found, *([now] if now else [])}, key=_order, reverse=True)


def _order(version: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """By upstream version, then by revision."""
    upstream, _, revision = version.partition("-")
    return numbers(upstream), numbers(revision or "0")


def change_qemu(machine: Machine, version: str) -> None:
    """Install another QEMU; VMs that run keep theirs."""
    pve = {**machine.scenario.get("pve", {}), "qemu": version}
    machine.scenario = Scenario(machine.scenario.name, {**machine.scenario.table, "pve": pve})


def hold(machine: Machine, name: str, on: bool) -> bool:
    """Keep a package at its version, or not any longer; whether that is new."""
    before = list(machine.scenario.get("holds", []))
    if (name in before) is on:
        return False
    after = sorted([*before, name]) if on else [other for other in before if other != name]
    machine.scenario = Scenario(machine.scenario.name, {**machine.scenario.table, "holds": after})
    return True


def listed_packages(versions: dict[str, str], kernels: list[str]) -> list[tuple[str, str]]:
    """(name, version) in the order of `pveversion -v`."""
    known = {
        "proxmox-ve": f"{versions.get('release', '')}.0",
        "pve-manager": versions.get("manager", ""),
        "pve-qemu-kvm": versions.get("qemu", ""),
        "qemu-server": versions.get("qemu_server", ""),
    }
    found: list[tuple[str, str]] = []
    for name, version in table()["packages"]:
        if name == "proxmox-kernel":
            series = ".".join(kernels[0].split(".")[:2])
            found.append((f"{name}-{series}", kernels[0].removesuffix("-pve")))
            found += [(f"{name}-{kernel}-signed", kernel.removesuffix("-pve")) for kernel in kernels]
        else:
            found.append((name, version or known[name]))
    return found
