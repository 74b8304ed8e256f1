"""pvesh, pvesm, pveum, kvm."""

from __future__ import annotations

import json
from typing import Any

from practice.api.routes import Route, find
from practice.commands import tables
from practice.commands.options import refuse
from practice.commands.qm import arguments, call, complain
from practice.kvm import properties_text, version_text
from practice.pve import calls
from practice.pve.errors import PveError
from practice.shell.context import Context, command

METHODS = {"get": "GET", "set": "PUT", "create": "POST", "delete": "DELETE"}


@command("pvesh")
async def pvesh(context: Context) -> int:
    """get, set, create, delete; JSON or bare values. Exit 0 although a task failed, as the real one does."""
    operands, options = arguments(context.argv[1:])
    if len(operands) < 2 or operands[0] not in METHODS:
        return refuse(context, " ".join(context.argv[1:]))
    verb, path = operands[0], operands[1]
    shape = options.pop("output-format", "text")
    bare = options.pop("noborder", None) is not None
    for name in ("noheader", "human-readable"):
        options.pop(name, None)
    try:
        route, _ = find(METHODS[verb], path, context.machine.pve.release)
    except PveError:
        context.err(f"No '{verb}' handler defined for '{path}'\n")
        return 1
    try:
        found, _ = await call(context, METHODS[verb], path, options)
    except PveError as error:
        return complain(
            context, error, f"pvesh {verb} <api_path> {_required(context, route)}[OPTIONS] [FORMAT_OPTIONS]"
        )
    if found is None:
        return 0
    if shape == "json-pretty":
        context.out(tables.pretty(found))
    elif shape == "json":
        context.out(json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n")
    elif isinstance(found, str | int):
        context.out(f"{found}\n")
    elif bare and isinstance(found, list) and tables.columns(path):
        context.out(tables.plain(found, tables.columns(path)))
    else:
        return refuse(context, "text output of lists; use --output-format json")
    return 0


@command("pvenode")
async def pvenode(context: Context) -> int:
    """task list"""
    operands, options = arguments(context.argv[1:])
    bare = options.pop("noborder", None) is not None
    if operands != ["task", "list"] or not bare:
        return refuse(context, " ".join(context.argv[1:]))
    found, _ = await call(context, "GET", f"/nodes/{context.machine.node}/tasks", options)
    names = ["UPID", "Type", "ID", "User", "Starttime", "Endtime", "Status"]
    rows = [{name: row.get(name.lower(), "") for name in names} for row in found]
    for row in rows:
        row["Status"] = row["Status"] if row["Status"].startswith(("OK", "WARN")) else "ERROR"
    context.out(tables.plain(rows, names))
    return 0


def _required(context: Context, route: Route) -> str:
    """--name <type> of what a call needs."""
    known = calls.options(route.name, context.machine.pve.release)
    needed = sorted((name, option) for name, option in known.items() if option.required)
    return "".join(f"--{name} <{option.kind if option.kind == 'integer' else 'string'}> " for name, option in needed)


@command("pvesm")
async def pvesm(context: Context) -> int:
    operands, options = arguments(context.argv[1:])
    storages = context.machine.pve.storages
    verb = operands[0] if operands else ""
    needs = {"list": "<storage>", "path": "<volume>", "free": "<volume>"}
    if verb in needs and len(operands) < 2:
        context.err(f"400 not enough arguments\npvesm {verb} {needs[verb]} [OPTIONS]\n")
        return 255
    if set(options) - {"content"}:
        return refuse(context, " ".join(context.argv[1:]))
    try:
        if verb == "status":
            context.out(_status(storages.rows(str(options.get("content", "")))))
        elif verb == "list":
            context.out(_contents(storages.content(operands[1], str(options.get("content", "")))))
        elif verb == "path":
            context.out(f"{storages.path(operands[1])}\n")
        elif verb == "free":
            context.out("".join(f"{line}\n" for line in storages.delete(operands[1])))
        else:
            return refuse(context, verb)
    except PveError as error:
        return complain(context, error)
    return 0


def _status(rows: list[dict[str, Any]]) -> str:
    """As wide as the longest name; sizes in KiB."""
    rows = sorted(rows, key=lambda row: str(row["storage"]))
    wide = max((len(row["storage"]) for row in rows), default=4)
    table = [("Name", "Type", "Status", "Total", "Used", "Available", "%")]
    for row in rows:
        sizes = (str(row[key] >> 10) for key in ("total", "used", "avail"))
        percent = f"{100 * row['used_fraction']:.2f}%" if row["active"] else "N/A"
        table.append((row["storage"], row["type"], _state(row), *sizes, percent))
    return "".join(f"{n:<{wide}} {t:>11} {s:>10} {a:>15} {b:>15} {c:>15} {p:>8}\n" for n, t, s, a, b, c, p in table)


def _state(row: dict[str, Any]) -> str:
    return "active" if row["active"] else "inactive" if row["enabled"] else "disabled"


def _contents(rows: list[dict[str, Any]]) -> str:
    """As wide as the longest volume id; sorted without regard to case."""
    rows = sorted(rows, key=lambda row: str(row["volid"]).lower())
    wide = max((len(row["volid"]) for row in rows), default=5)
    table = [("Volid", "Format", "Type", "Size", "VMID")]
    table += [(row["volid"], row["format"], row["content"], str(row["size"]), str(row.get("vmid", ""))) for row in rows]
    lines = [f"{v:<{wide}} {f:<7} {k:<5} {s:>10} {m}" for v, f, k, s, m in table]
    return "".join(f"{line.rstrip()}\n" for line in lines)


@command("pveum")
async def pveum(context: Context) -> int:
    operands, options = arguments(context.argv[1:])
    users = context.machine.pve.users
    try:
        if operands[:3] == ["user", "token", "add"]:
            made = users.create_token(operands[3], operands[4], str(options.get("privsep", "1")) == "1", "")
            if options.get("output-format", "text") != "json":
                return refuse(context, "text output; use --output-format json")
            context.out(json.dumps(made, sort_keys=True, separators=(",", ":")) + "\n")
        elif operands[:3] == ["user", "token", "list"] and options.get("output-format") == "json":
            found, _ = await call(context, "GET", f"/access/users/{operands[3]}/token", {})
            context.out(json.dumps(found, sort_keys=True, separators=(",", ":")) + "\n")
        elif operands[:3] == ["user", "token", "remove"]:
            users.delete_token(operands[3], operands[4])
        else:
            return refuse(context, " ".join(operands))
    except PveError as error:
        return complain(context, error)
    return 0


@command("kvm")
async def kvm(context: Context) -> int:
    package = context.machine.scenario.get("pve.qemu")
    if context.argv[1:] == ["--version"]:
        context.out(version_text(package))
    elif context.argv[1:] == ["-device", "vfio-pci,help"]:
        context.out(properties_text(package))
    else:
        return refuse(context, " ".join(context.argv[1:]))
    return 0
