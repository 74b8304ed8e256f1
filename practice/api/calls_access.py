"""/version and /access."""

from __future__ import annotations

import re
from typing import Any

from practice.api.routes import Call, route
from practice.pve.access import ROLES, everything
from practice.pve.errors import PveError, died, invalid
from practice.pve.schema import Option
from practice.pve.users import ROOT

TEXT = Option()
REQUIRED = Option(required=True)

AREAS = ("/", "/access", "/access/groups", "/mapping", "/nodes", "/pool", "/sdn", "/storage", "/vms")
"""The places that permissions are shown for."""


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


@route("POST", "/access/ticket")
async def ticket(call: Call) -> Any:
    values = call.values
    realm = f"@{values['realm']}" if "realm" in values and "@" not in values["username"] else ""
    challenge = values.get("tfa-challenge", "")
    return call.pve.users.login(f"{values['username']}{realm}", values["password"], challenge)


ROLE = {"roleid": REQUIRED, "privs": TEXT}


@route("GET", "/access/permissions")
async def permissions(call: Call) -> Any:
    """Of the caller, or of somebody else for who may look at users."""
    name = str(call.values.get("userid", call.caller.name))
    if name != call.caller.name and not call.caller.may("/access", "Sys.Audit"):
        raise PveError(403, "Permission check failed (/access, Sys.Audit)")
    users = call.pve.users
    user = name.partition("!")[0]
    wanted = [str(call.values["path"])] if "path" in call.values else [*AREAS, *users.grants.paths(name)]
    wanted += [] if "path" in call.values or user == name else users.grants.paths(user)
    found = {}
    for path in wanted:
        has = users.rights(name)(path)
        privileges = everything(users.grants.major) if has is None else has
        if privileges:
            found[path] = dict.fromkeys(sorted(privileges), 1)
    return found


@route("GET", "/access/users")
async def users(call: Call) -> Any:
    """Those that the caller may see; everybody sees himself."""
    everyone = call.caller.may("/access/groups", "User.Modify|Sys.Audit")
    rows = []
    for name in [ROOT, *call.pve.users.passwords]:
        if everyone or name == call.caller.name.partition("!")[0]:
            row: dict[str, Any] = {"userid": name, "enable": 1, "expire": 0, "realm-type": name.partition("@")[2]}
            comment = call.pve.users.comments.get(name)
            rows.append({**row, **({"comment": comment} if comment else {})})
    return rows


@route("POST", "/access/users", needs=("/access/groups", "User.Modify"))
async def create_user(call: Call) -> Any:
    if not re.fullmatch(r"[^\s:/]+@[A-Za-z][A-Za-z0-9._-]+", str(call.values["userid"])):
        raise invalid(userid=f"invalid format - value '{call.values['userid']}' does not look like a valid user name\n")
    call.pve.users.create(call.values["userid"], call.values.get("password", ""))
    call.pve.users.comments[call.values["userid"]] = str(call.values.get("comment", ""))


@route("DELETE", "/access/users/{userid}", needs=("/access/groups", "User.Modify"))
async def delete_user(call: Call) -> Any:
    call.pve.users.delete(call.places["userid"])


@route("GET", "/access/roles")
async def roles(call: Call) -> Any:
    grants = call.pve.users.grants
    rows = [{"roleid": name, "special": 1} for name in ROLES] + [{"roleid": name} for name in grants.own_roles]
    return [{**row, "privs": ",".join(sorted(grants.role(str(row["roleid"])) or ()))} for row in rows]


@route("GET", "/access/roles/{roleid}")
async def role(call: Call) -> Any:
    has = call.pve.users.grants.role(call.places["roleid"])
    if has is None:
        raise died(f"role '{call.places['roleid']}' does not exist")
    return dict.fromkeys(sorted(has), 1)


@route("POST", "/access/roles", needs=("/access", "Sys.Modify"))
async def create_role(call: Call) -> Any:
    grants, name = call.pve.users.grants, str(call.values["roleid"])
    if grants.role(name) is not None:
        raise died(f"create role failed: role '{name}' already exists")
    named = [item for item in re.split(r"[,; ]+", str(call.values.get("privs", ""))) if item]
    for item in named:
        if item not in everything(grants.major):
            raise died(f"create role failed: invalid privilege '{item}'")
    grants.own_roles[name] = frozenset(named)


@route("DELETE", "/access/roles/{roleid}", needs=("/access", "Sys.Modify"))
async def delete_role(call: Call) -> Any:
    name = call.places["roleid"]
    if name in ROLES:
        raise died(f"delete role failed: auto-generated role '{name}' cannot be deleted")
    if call.pve.users.grants.own_roles.pop(name, None) is None:
        raise died(f"delete role failed: role '{name}' does not exist")


@route("GET", "/access/acl")
async def acl(call: Call) -> Any:
    if not call.caller.may("/access", "Sys.Audit|Permissions.Modify"):
        return []
    rows = []
    for (path, subject), names in call.pve.users.grants.entries.items():
        kind = "token" if "!" in subject else "user"
        rows += [
            {"path": path, "ugid": subject, "type": kind, "roleid": name, "propagate": int(down)}
            for name, down in names.items()
        ]
    return rows


@route("PUT", "/access/acl", needs=("/access", "Permissions.Modify"))
async def change_acl(call: Call) -> Any:
    grants, path = call.pve.users.grants, str(call.values["path"])
    named = [item for item in re.split(r"[,; ]+", str(call.values["roles"])) if item]
    for item in named:
        if grants.role(item) is None:
            raise died(f"role '{item}' does not exist")
    if "groups" in call.values:
        raise died("practice host: not supported: groups")
    subjects = re.split(r"[,; ]+", f"{call.values.get('users', '')},{call.values.get('tokens', '')}")
    for subject in filter(None, subjects):
        user = subject.partition("!")[0]
        if user != ROOT and user not in call.pve.users.passwords:
            raise died(f"user '{user}' does not exist")
        entry = grants.entries.setdefault((path, subject), {})
        for item in named:
            entry.pop(item, None)
            if not call.flag("delete"):
                entry[item] = str(call.values.get("propagate", "1")).lower() in ("1", "true", "on", "yes")
        if not entry:
            del grants.entries[(path, subject)]


def _own(call: Call) -> None:
    """Tokens are managed by their user, or by who may modify users."""
    mine = call.caller.name.partition("!")[0] == call.places["userid"]
    if not mine and not call.caller.may("/access/groups", "User.Modify"):
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


@route("POST", "/access/users/{userid}/token/{tokenid}")
async def create_token(call: Call) -> Any:
    _own(call)
    privsep = str(call.values.get("privsep", "1")) in ("1", "true")
    comment = call.values.get("comment", "")
    return call.pve.users.create_token(call.places["userid"], call.places["tokenid"], privsep, comment)


@route("DELETE", "/access/users/{userid}/token/{tokenid}")
async def delete_token(call: Call) -> Any:
    _own(call)
    call.pve.users.delete_token(call.places["userid"], call.places["tokenid"])
