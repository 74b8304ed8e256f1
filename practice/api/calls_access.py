"""/version and /access."""

from __future__ import annotations

from typing import Any

from practice.api.routes import Call, route
from practice.pve.schema import Option

TEXT = Option()
REQUIRED = Option(required=True)

LOGIN = {
    "username": REQUIRED,
    "password": REQUIRED,
    "realm": TEXT,
    "otp": TEXT,
    "tfa-challenge": TEXT,
    "new-format": Option("boolean"),
    "path": TEXT,
    "privs": TEXT,
}


@route("GET", "/version")
async def version(call: Call) -> Any:
    manager = call.pve.machine.scenario.get("pve.manager")
    scenario = call.pve.machine.scenario
    return {"version": manager, "release": scenario.get("pve.release"), "repoid": scenario.get("pve.repoid")}


@route("GET", "/access/domains")
async def domains(call: Call) -> Any:
    return [
        {"realm": "pam", "type": "pam", "comment": "Linux PAM standard authentication"},
        {"realm": "pve", "type": "pve", "comment": "Proxmox VE authentication server"},
    ]


@route("POST", "/access/ticket", LOGIN)
async def ticket(call: Call) -> Any:
    values = call.values
    realm = f"@{values['realm']}" if "realm" in values and "@" not in values["username"] else ""
    challenge = values.get("tfa-challenge", "")
    return call.pve.users.login(f"{values['username']}{realm}", values["password"], challenge)


TOKEN = {"privsep": Option("boolean"), "comment": TEXT, "expire": Option("integer", least=0)}


@route("GET", "/access/users/{userid}/token")
async def tokens(call: Call) -> Any:
    prefix = f"{call.places['userid']}!"
    found = call.pve.users.tokens.items()
    return [
        {"tokenid": name.removeprefix(prefix), "privsep": int(token.privsep), "expire": 0}
        for name, token in found
        if name.startswith(prefix)
    ]


@route("POST", "/access/users/{userid}/token/{tokenid}", TOKEN)
async def create_token(call: Call) -> Any:
    privsep = str(call.values.get("privsep", "1")) in ("1", "true")
    comment = call.values.get("comment", "")
    return call.pve.users.create_token(call.places["userid"], call.places["tokenid"], privsep, comment)


@route("DELETE", "/access/users/{userid}/token/{tokenid}")
async def delete_token(call: Call) -> Any:
    call.pve.users.delete_token(call.places["userid"], call.places["tokenid"])
