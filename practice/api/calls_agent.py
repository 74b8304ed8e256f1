"""/nodes/{node}/qemu/{vmid}/agent: what the guest agent is asked (table: data/agent.toml)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from practice.api.routes import Call, route
from practice.igd import numbers
from practice.pve.calls import Release
from practice.pve.errors import PveError, forbidden
from practice.windows import GuestError

BASE = "/nodes/{node}/qemu/{vmid}/agent"


@cache
def _table() -> dict[str, Any]:
    path = Path(__file__).resolve().parents[1] / "data" / "agent.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def agent_commands(method: str) -> list[str]:
    """What there is below /agent with GET or POST."""
    return list(_table()[method])


def privileges(method: str, command: str, release: Release) -> str:
    """What one needs, joined by "|". Raises 501 for a call that there is not."""
    table = _table()
    if command not in table[method]:
        raise PveError(501, "not implemented")
    before = table["before"]
    kind = str(table[method][command])
    return str(before["privileges"] if release < numbers(before["until"]) else table["privileges"][kind])


@route("POST", BASE)
async def agent_any(call: Call) -> Any:
    """Every command without parameters by name; since 9.0 for who may everything (API schema)."""
    command, release = str(call.values["command"]), call.pve.release
    _demand(call, privileges("POST", "exec", release))
    method = "GET" if command in agent_commands("GET") else "POST"
    return _agent(call, method, command, {})


@route("POST", f"{BASE}/exec")
async def agent_exec(call: Call) -> Any:
    """Until 7.4 a list of words separated by zero bytes or blanks is one string, since 8.0 an array."""
    command = call.values.get("command", [])
    words = command if isinstance(command, list) else command.replace("\0", " ").split() if _old(call) else [command]
    return _agent(call, "POST", "exec", {"command": words})


@route("GET", f"{BASE}/exec-status")
async def agent_exec_status(call: Call) -> Any:
    return _agent(call, "GET", "exec-status", {"pid": call.values["pid"]})


@route("POST", f"{BASE}/{{command}}")
async def agent_post(call: Call) -> Any:
    return _agent(call, "POST", call.places["command"], {})


@route("GET", f"{BASE}/{{command}}")
async def agent_get(call: Call) -> Any:
    return _agent(call, "GET", call.places["command"], {})


def _old(call: Call) -> bool:
    return call.pve.release < (8,)


def _agent(call: Call, method: str, command: str, values: dict[str, Any]) -> Any:
    try:
        needed = privileges(method, command, call.pve.release)
    except PveError:
        path = BASE.format_map(call.places)
        raise PveError(501, f"Method '{method} {path}/{command}' not implemented") from None
    _demand(call, needed)
    try:
        return call.pve.vms.guest(call.vmid).agent(command, values)
    except GuestError as error:
        raise PveError(500, str(error)) from None


def _demand(call: Call, needed: str) -> None:
    area = f"/vms/{call.vmid}"
    if not call.caller.may(area, needed):
        raise forbidden(area, needed)
