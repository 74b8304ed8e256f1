"""/nodes/{node}, /cluster and tasks."""

from __future__ import annotations

from typing import Any

from practice.api.routes import Call, route
from practice.pve.errors import PveError, died, forbidden


@route("GET", "/nodes")
async def nodes(call: Call) -> Any:
    node = call.pve.machine.node
    row = {"node": node, "id": f"node/{node}", "type": "node", "status": "online", "level": "", "ssl_fingerprint": ""}
    return [{**row, **load(call)} if call.caller.may(f"/nodes/{node}", "Sys.Audit") else row]


def load(call: Call) -> dict[str, Any]:
    machine = call.pve.machine
    memory = int(machine.scenario.get("hardware.memory_mib")) << 20
    return {
        "cpu": 0.02,
        "maxcpu": machine.scenario.get("hardware.threads"),
        "mem": memory // 8,
        "maxmem": memory,
        "disk": machine.fs.total - machine.fs.free,
        "maxdisk": machine.fs.total,
        "uptime": int(machine.uptime),
    }


@route("GET", "/nodes/{node}/version")
async def node_version(call: Call) -> Any:
    scenario = call.pve.machine.scenario
    return {
        name: scenario.get(f"pve.{key}")
        for name, key in (("version", "manager"), ("release", "release"), ("repoid", "repoid"))
    }


@route("GET", "/nodes/{node}/status", needs=("/nodes/{node}", "Sys.Audit"))
async def node_status(call: Call) -> Any:
    machine, scenario = call.pve.machine, call.pve.machine.scenario
    manager, repoid = scenario.get("pve.manager"), scenario.get("pve.repoid")
    total, threads = int(scenario.get("hardware.memory_mib")) << 20, int(scenario.get("hardware.threads"))
    efi = {"mode": "efi", "secureboot": int(bool(scenario.get("boot.secure_boot")))}
    kernel = {"sysname": "Linux", "release": machine.kernel.release, "machine": "x86_64"}
    used = machine.fs.total - machine.fs.free
    return {
        "pveversion": f"pve-manager/{manager}/{repoid}",
        "kversion": f"Linux {machine.kernel.release} {scenario.get('kernel.version')}",
        "current-kernel": {**kernel, "version": scenario.get("kernel.version")},
        "boot-info": efi if scenario.get("boot.efi", True) else {"mode": "legacy-bios"},
        "cpuinfo": {
            "model": scenario.get("hardware.cpu"),
            "cpus": threads,
            "cores": threads,
            "sockets": 1,
            "mhz": "800.000",
            "user_hz": 100,
            "flags": "fpu vme de pse tsc msr pae vmx lm aes",
            "hvm": "1",
        },
        "memory": {"total": total, "used": total // 8, "free": total - total // 8},
        "swap": {"total": 0, "used": 0, "free": 0},
        "rootfs": {"total": machine.fs.total, "used": used, "free": machine.fs.free, "avail": machine.fs.free},
        "ksm": {"shared": 0},
        "cpu": 0.02,
        "idle": 0,
        "wait": 0,
        "uptime": int(machine.uptime),
        "loadavg": ["0.00", "0.00", "0.00"],
    }


@route(
    "POST",
    "/nodes/{node}/status",
    needs=("/nodes/{node}", "Sys.PowerMgmt"),
)
async def node_command(call: Call) -> Any:
    if call.values["command"] == "shutdown":
        raise died("practice host: not supported: shutting the host down")
    call.pve.machine.request_reboot()


@route("GET", "/nodes/{node}/network")
async def network(call: Call) -> Any:
    scenario = call.pve.machine.scenario
    bridge, port = scenario.get("network.bridge"), scenario.get("network.port")
    address = str(scenario.get("network.address"))
    common = {"active": 1, "families": ["inet"], "method6": "manual"}
    static = {"method": "static", "address": address, "netmask": "24", "cidr": f"{address}/24"}
    wires = {"bridge_ports": port, "bridge_fd": "0", "bridge_stp": "off", "autostart": 1, "priority": 4}
    gateway = f"{address.rpartition('.')[0]}.1"
    rows = [
        {"iface": bridge, "type": "bridge", **common, **static, **wires, "gateway": gateway},
        {"iface": port, "type": "eth", **common, "method": "manual", "exists": 1, "priority": 3},
    ]
    for name, ports in scenario.get("network.others", {}).items():
        more = {**wires, "bridge_ports": " ".join(ports)}
        rows.append({"iface": name, "type": "bridge", **common, "method": "manual", **more})
    wanted = call.values.get("type", "")
    return [row for row in rows if wanted in ("", row["type"]) or (wanted == "any_bridge" and row["type"] == "bridge")]


@route("GET", "/nodes/{node}/tasks")
async def tasks(call: Call) -> Any:
    rows = [row for row in call.pve.tasks.rows() if call.values.get("vmid", row["id"]) == row["id"]]
    if str(call.values.get("errors", "0")) == "1":
        rows = [row for row in rows if row["status"] != "OK"]
    call.extra["total"] = len(rows)
    start = int(call.values.get("start", 0))
    return rows[start : start + int(call.values.get("limit", 50))]


@route("GET", "/nodes/{node}/tasks/{upid}")
async def task_index(call: Call) -> Any:
    return [{"name": "log"}, {"name": "status"}]


def _readable(call: Call) -> None:
    """A task is shown to its user and to auditors of the node."""
    task = call.pve.tasks.get(call.places["upid"])
    area = f"/nodes/{call.places['node']}"
    if task.user != call.caller.name and not call.caller.may(area, "Sys.Audit"):
        raise forbidden(area, "Sys.Audit")


@route("GET", "/nodes/{node}/tasks/{upid}/status")
async def task_status(call: Call) -> Any:
    _readable(call)
    return call.pve.tasks.status(call.places["upid"])


@route("GET", "/nodes/{node}/tasks/{upid}/log")
async def task_log(call: Call) -> Any:
    start, limit = int(call.values.get("start", 0)), int(call.values.get("limit", 50))
    try:
        _readable(call)
        lines, call.extra["total"] = call.pve.tasks.log(call.places["upid"], start, limit)
    except PveError as error:
        if (error.errors or {}).get("upid") != "no such task":
            raise
        call.extra["total"] = 1
        line = {"n": 1, "t": "unable to open file - No such file or directory"}
        # Until 8.4 an unknown task has an object here, not a list (facts: pve-behaviour.md sections 5, 6).
        return line if call.pve.release < (9,) else [line]
    return lines


@route("DELETE", "/nodes/{node}/tasks/{upid}")
async def stop_task(call: Call) -> Any:
    raise died("practice host: not supported: stopping a task")
