"""/nodes/{node}: what the host has - devices, packages, capabilities, time - and /storage."""

from __future__ import annotations

import asyncio
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from practice.api.routes import Call, route
from practice.igd import numbers
from practice.packages import packages
from practice.pci import INTERFACES, SUBSYSTEM, VENDORS
from practice.pve.errors import died
from practice.pve.schema import CPU_MODELS
from practice.scenario import PciFunction

SIX_MONTHS = ("4.0", "4.1", "4.2", "5.0", "5.1", "5.2", "6.0", "6.1", "6.2", "7.0", "7.1", "7.2", "8.0", "8.1", "8.2")
MACHINES = (*SIX_MONTHS, "9.0", "9.1", "9.2", "10.0", "10.1", "10.2", "11.0")
"""Machine versions that QEMU has had since 4.0, oldest first."""


@route(
    "GET",
    "/nodes/{node}/hardware/pci",
    needs=("/", "Sys.Audit|Sys.Modify"),
)
async def hardware_pci(call: Call) -> Any:
    hidden = [part for part in str(call.values.get("pci-class-blacklist", "05;06;0b")).split(";") if part]
    brief = str(call.values.get("verbose", "1")) == "0"
    functions = call.pve.machine.pci
    return [_pci(call, item, brief) for item in functions if not item.class_code.startswith(tuple(hidden) or ("-",))]


def _pci(call: Call, function: PciFunction, brief: bool) -> dict[str, Any]:
    """Group -1: no IOMMU. Until 8.3 the brief form does not tell it (facts: pve-behaviour.md section 6)."""
    row: dict[str, Any] = {
        "id": function.address,
        "class": f"0x{function.class_code}{INTERFACES.get(function.class_code, '00')}"[:8],
        "vendor": f"0x{function.vendor}",
        "device": f"0x{function.device}",
    }
    if not brief or call.pve.release >= (8, 4):
        row["iommugroup"] = call.pve.machine.kernel.groups.get(function.address, -1)
    if not brief:
        row |= {"subsystem_vendor": f"0x{SUBSYSTEM[0]}", "subsystem_device": f"0x{SUBSYSTEM[1]}"}
        row["subsystem_vendor_name"] = VENDORS[SUBSYSTEM[0]]
        if function.vendor in VENDORS:
            row["vendor_name"] = VENDORS[function.vendor]
        # pci.ids alone knows fewer devices than lspci (facts: pve-behaviour.md section 5).
        if function.ids not in call.pve.machine.scenario.get("hardware.not_in_pci_ids", []):
            row["device_name"] = function.name.removeprefix(f"{VENDORS.get(function.vendor, '')} ")
    return row


@route("GET", "/nodes/{node}/hardware/pci/{address}", needs=("/", "Sys.Audit|Sys.Modify"))
async def device_index(call: Call) -> Any:
    return [{"method": "mdev"}]


@route("GET", "/nodes/{node}/hardware/pci/{address}/mdev", needs=("/", "Sys.Audit|Sys.Modify"))
async def mediated(call: Call) -> Any:
    """No simulated device can be divided."""
    return []


@route("GET", "/nodes/{node}/capabilities/qemu/machines")
async def machines(call: Call) -> Any:
    most = numbers(call.pve.machine.scenario.get("pve.qemu"))[:2]
    known = [version for version in reversed(MACHINES) if numbers(version) <= most]
    kinds = (("i440fx", "pc-i440fx"), ("q35", "pc-q35"))
    return [{"id": f"{name}-{version}", "type": kind, "version": version} for version in known for kind, name in kinds]


@route("GET", "/nodes/{node}/capabilities/qemu/cpu")
async def cpu_models(call: Call) -> Any:
    return [{"name": name, "vendor": _maker(name), "custom": 0} for name in sorted(CPU_MODELS)]


def _maker(model: str) -> str:
    if re.match(r"EPYC|Opteron|athlon|phenom", model):
        return "AuthenticAMD"
    return "default" if re.match(r"host|kvm|max|qemu|x86-64", model) else "GenuineIntel"


@route("GET", "/nodes/{node}/apt/versions", needs=("/nodes/{node}", "Sys.Audit"))
async def apt_versions(call: Call) -> Any:
    scenario, found = call.pve.machine.scenario, []
    for name, version in packages(scenario.get("pve"), call.pve.machine.kernels).items():
        row = {"Package": name, "Title": name, "Description": name, "Version": version, "OldVersion": version}
        row |= {"Arch": "amd64", "CurrentState": "Installed", "Origin": "unknown"}
        row |= {"Priority": "optional", "Section": "admin"}
        if name == "proxmox-ve":
            row["RunningKernel"] = call.pve.machine.kernel.release
        if name == "pve-manager":
            row["ManagerVersion"] = f"{version}/{scenario.get('pve.repoid')}"
        found.append(row)
    return found


@route("GET", "/nodes/{node}/services", needs=("/nodes/{node}", "Sys.Audit"))
async def services(call: Call) -> Any:
    return []


@route(
    "GET",
    "/nodes/{node}/syslog",
    needs=("/nodes/{node}", "Sys.Syslog"),
)
async def syslog(call: Call) -> Any:
    call.extra["total"] = 1
    return [{"n": 1, "t": "-- No entries --"}]


@route("GET", "/nodes/{node}/time", needs=("/nodes/{node}", "Sys.Audit"))
async def time(call: Call) -> Any:
    now = int(call.pve.machine.clock.now())
    return {"timezone": "Etc/UTC", "time": now, "localtime": now}


@route("GET", "/nodes/{node}/query-url-metadata")
async def url_metadata(call: Call) -> Any:
    """HEAD by the host; it reaches this workstation's loopback only."""
    url = str(call.values["url"])
    parts = urllib.parse.urlsplit(url)
    where = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    if parts.hostname not in ("127.0.0.1", "localhost"):
        problem = f"500 Can't connect to {where} (Name or service not known)"
        raise died(f"invalid server response: '{problem}'")

    def ask() -> dict[str, Any]:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=30) as answer:
            found: dict[str, Any] = {"filename": parts.path.rpartition("/")[2]}
            if answer.headers.get("Content-Length"):
                found["size"] = int(answer.headers["Content-Length"])
            if answer.headers.get("Content-Type"):
                found["mimetype"] = answer.headers["Content-Type"].partition(";")[0]
            return found

    try:
        return await asyncio.to_thread(ask)
    except urllib.error.HTTPError as error:
        raise died(f"invalid server response: '{error.code} {error.reason}'") from None
    except OSError:
        raise died(f"invalid server response: '500 Can't connect to {where} (Connection refused)'") from None


@route("GET", "/storage")
async def storages(call: Call) -> Any:
    names = [row["storage"] for row in call.pve.storages.rows()]
    may = "Datastore.Audit|Datastore.AllocateSpace"
    return [call.pve.storages.configured(name) for name in names if call.caller.may(f"/storage/{name}", may)]


@route("GET", "/storage/{storage}", needs=("/storage/{storage}", "Datastore.Allocate"))
async def storage(call: Call) -> Any:
    return call.pve.storages.configured(call.places["storage"])


@route(
    "PUT",
    "/storage/{storage}",
    needs=("/storage", "Datastore.Allocate"),
)
async def change_storage(call: Call) -> Any:
    name, content = call.places["storage"], call.values.get("content")
    disable = call.flag("disable") if "disable" in call.values else None
    call.pve.storages.change(name, disable, None if content is None else str(content))
    return {"storage": name, "type": call.pve.storages.get(name)["type"]}
