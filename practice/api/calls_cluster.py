"""/cluster: ids, resources, tasks, mappings of host devices."""

from __future__ import annotations

import re
from typing import Any

from practice.api.calls_node import load
from practice.api.routes import Call, route
from practice.pve.errors import died, invalid
from practice.pve.mapping import Mappings

STATISTICS = 10.0
"""Host seconds between two looks of pvestatd at the VMs (facts: pve-behaviour.md section 5)."""


@route("GET", "/cluster/nextid")
async def next_id(call: Call) -> Any:
    used = {vmid for _, _, vmid in call.pve.machine.cluster_files.guests()}
    wanted = call.values.get("vmid")
    if wanted is not None:
        if int(wanted) in used:
            raise invalid(vmid=f"VM {wanted} already exists")
        return str(wanted)
    return str(next(number for number in range(100, 1000) if number not in used))


@route("GET", "/cluster/resources")
async def resources(call: Call) -> Any:
    parts = {"vm": _machines, "node": _node, "storage": _storages, "sdn": _zones}
    wanted = str(call.values.get("type", ""))
    return [row for name, rows in parts.items() if wanted in ("", name) for row in rows(call)]


def _machines(call: Call) -> list[dict[str, Any]]:
    """All that is known before pvestatd has looked is that they are there."""
    pve, node = call.pve, call.pve.machine.node
    fresh = pve.machine.clock.elapsed() - pve.statistics_since < STATISTICS
    found = []
    for vmid in pve.vms.ids():
        if not call.caller.may(f"/vms/{vmid}", "VM.Audit"):
            continue
        row: dict[str, Any] = {"id": f"qemu/{vmid}", "type": "qemu", "node": node, "vmid": vmid}
        known = {"status": "unknown"} if fresh else {**pve.vms.status(vmid), "template": 0}
        if "cpus" in known:
            known["maxcpu"] = known.pop("cpus")
        found.append({**row, **known})
    return found


def _node(call: Call) -> list[dict[str, Any]]:
    node = call.pve.machine.node
    if not call.caller.may(f"/nodes/{node}", "Sys.Audit"):
        return []
    row = {"id": f"node/{node}", "type": "node", "node": node, "status": "online", "level": "", "cgroup-mode": 2}
    return [{**row, **load(call)}]


def _storages(call: Call) -> list[dict[str, Any]]:
    node, found = call.pve.machine.node, []
    for status in call.pve.storages.rows():
        name = status["storage"]
        if not call.caller.may(f"/storage/{name}", "Datastore.Audit|Datastore.AllocateSpace"):
            continue
        row = {"id": f"storage/{node}/{name}", "type": "storage", "storage": name, "node": node, "shared": 0}
        row |= {"plugintype": status["type"], "content": status["content"]}
        row |= {"status": "available" if status["active"] else "unknown"}
        if status["active"]:
            row |= {"disk": status["used"], "maxdisk": status["total"]}
        found.append(row)
    return found


def _zones(call: Call) -> list[dict[str, Any]]:
    """9 calls it a network (facts: pve-behaviour.md section 6)."""
    node, kind = call.pve.machine.node, "sdn" if call.pve.release < (9,) else "network"
    return [{"id": f"{kind}/{node}/localnetwork", "type": kind, kind: "localnetwork", "node": node, "status": "ok"}]


@route("GET", "/cluster/tasks")
async def cluster_tasks(call: Call) -> Any:
    rows = call.pve.tasks.rows()[:25]
    return [{**{key: row[key] for key in row.keys() - {"pid", "pstart"}}, "saved": "1"} for row in rows]


@route("GET", "/cluster/status")
async def cluster_status(call: Call) -> Any:
    scenario, files = call.pve.machine.scenario, call.pve.machine.cluster_files
    node, address = call.pve.machine.node, scenario.get("network.address")
    name = scenario.get("cluster.name")
    cluster = {"type": "cluster", "id": "cluster", "name": name, "version": 3, "quorate": int(files.quorate)}
    cluster["nodes"] = int(scenario.get("cluster.nodes", 1))
    return [
        *([cluster] if name else []),
        {
            "type": "node",
            "id": f"node/{node}",
            "name": node,
            "nodeid": 0,
            "local": 1,
            "online": 1,
            "level": "",
            "ip": address,
        },
    ]


def _kind(call: Call) -> Mappings:
    return call.pve.mappings[call.places["kind"]]


def _maps(call: Call) -> dict[str, Any]:
    """The parameters of an entry; `map` may be given several times."""
    values = {key: value for key, value in call.values.items() if key not in ("id", "digest", "delete")}
    if "map" in values:
        values["map"] = values["map"] if isinstance(values["map"], list) else [str(values["map"])]
    return values


for _name in ("pci", "usb"):

    @route("GET", f"/cluster/mapping/{{kind:{_name}}}")
    async def mappings(call: Call) -> Any:
        kind, node = _kind(call), str(call.values.get("check-node", ""))
        found = []
        for name, entry in kind.all().items():
            if not call.caller.may(f"/mapping/{kind.kind}/{name}", "Mapping.Modify|Mapping.Use|Mapping.Audit"):
                continue
            row = {"id": name, "type": kind.kind, "digest": kind.digest, **entry}
            found.append({**row, "checks": kind.checks(name, node)} if node else row)
        return found

    @route("GET", f"/cluster/mapping/{{kind:{_name}}}/{{id}}")
    async def mapping(call: Call) -> Any:
        kind = _kind(call)
        return {"type": kind.kind, "digest": kind.digest, **kind.get(call.places["id"])}

    @route("POST", f"/cluster/mapping/{{kind:{_name}}}", needs=(f"/mapping/{_name}", "Mapping.Modify"))
    async def create_mapping(call: Call) -> Any:
        _kind(call).create(str(call.values["id"]), _maps(call))

    @route(
        "PUT",
        f"/cluster/mapping/{{kind:{_name}}}/{{id}}",
        needs=(f"/mapping/{_name}/{{id}}", "Mapping.Modify"),
    )
    async def change_mapping(call: Call) -> Any:
        kind = _kind(call)
        if call.values.get("digest", kind.digest) != kind.digest:
            raise died("detected modified configuration - file changed by other user? Try again.")
        gone = [key for key in re.split(r"[,; ]+", str(call.values.get("delete", ""))) if key]
        kind.change(call.places["id"], _maps(call), gone)

    @route("DELETE", f"/cluster/mapping/{{kind:{_name}}}/{{id}}", needs=(f"/mapping/{_name}", "Mapping.Modify"))
    async def delete_mapping(call: Call) -> Any:
        _kind(call).remove(call.places["id"])
