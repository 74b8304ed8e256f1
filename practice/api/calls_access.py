"""/version and /access."""

from __future__ import annotations

import re
from typing import Any

from practice.api.routes import Call, route
from practice.pve.access import ADMINISTRATOR, capabilities
from practice.pve.errors import PveError, died
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


USER = {"userid": REQUIRED, "password": TEXT, "comment": TEXT}
ACL = {"path": REQUIRED, "roles": REQUIRED, "users": TEXT, "tokens": TEXT, "propagate": Option("boolean")}


@route("GET", "/access/permissions", {"path": TEXT, "userid": TEXT})
async def permissions(call: Call) -> Any:
    """Only whether there are any: the practice host knows no roles but Administrator."""
    everything = sorted({name for area in capabilities(call.pve.release[0]).values() for name in area})
    return {area: dict.fromkeys(everything, 1) for area in call.caller.areas}


@route("POST", "/access/users", USER, needs=("/access/groups", "User.Modify"))
async def create_user(call: Call) -> Any:
    call.pve.users.create(call.values["userid"], call.values.get("password", ""))


@route("DELETE", "/access/users/{userid}", needs=("/access/groups", "User.Modify"))
async def delete_user(call: Call) -> Any:
    call.pve.users.delete(call.places["userid"])


@route("PUT", "/access/acl", ACL, needs=("/access", "Permissions.Modify"))
async def change_acl(call: Call) -> Any:
    if call.values["roles"] != ADMINISTRATOR:
        raise died(f"practice host: not supported: role {call.values['roles']}")
    for subject in re.split(r"[,; ]+", f"{call.values.get('users', '')},{call.values.get('tokens', '')}"):
        if subject:
            call.pve.users.grants.entries[(call.values["path"], subject)] = ADMINISTRATOR


def _own(call: Call) -> None:
    """Tokens are managed by their user, or by who may modify users."""
    if call.caller.name.partition("!")[0] != call.places["userid"] and not call.caller.may("/access"):
        raise PveError(403, "Permission check failed")


@route("GET", "/access/users/{userid}/token")
async def tokens(call: Call) -> Any:
    _own(call)
    prefix = f"{call.places['userid']}!"
    found = call.pve.users.tokens.items()
    return [
        {"tokenid": name.removeprefix(prefix), "privsep": int(token.privsep), "expire": 0}
        for name, token in found
        if name.startswith(prefix)
    ]


@route("POST", "/access/users/{userid}/token/{tokenid}", TOKEN)
async def create_token(call: Call) -> Any:
    _own(call)
    privsep = str(call.values.get("privsep", "1")) in ("1", "true")
    comment = call.values.get("comment", "")
    return call.pve.users.create_token(call.places["userid"], call.places["tokenid"], privsep, comment)


@route("DELETE", "/access/users/{userid}/token/{tokenid}")
async def delete_token(call: Call) -> Any:
    _own(call)
    call.pve.users.delete_token(call.places["userid"], call.places["tokenid"])
