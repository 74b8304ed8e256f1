"""qm: the same calls as the API, with the command line's texts and statuses (recorded: PVE 8.2.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from practice.api.routes import Call, dispatch
from practice.commands.options import refuse
from practice.commands.tables import nested, pretty
from practice.pve import calls, showcmd, snapshots
from practice.pve.errors import PveError, died
from practice.pve.storage import GIB
from practice.pve.users import ROOT, Caller
from practice.pve.vmconfig import encoded
from practice.shell.context import Context, command

Verb = Callable[[Context, "list[str]", "dict[str, Any]"], Awaitable[int]]

MISSING_CONFIG = 2
"""Perl's errno leaks: commands that only read end with 2 for a VM that is not there."""

LONG_RUNNING = {"start": "start", "stop": "stop", "shutdown": "shutdown", "reboot": "reboot"}


def arguments(words: list[str]) -> tuple[list[str], dict[str, Any]]:
    """(operands, options): --key value, -key value, --key=value; a lone flag is 1."""
    operands: list[str] = []
    options: dict[str, Any] = {}
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if not word.startswith("-") or word == "-":
            operands.append(word)
            continue
        name, sign, value = word.lstrip("-").partition("=")
        if not sign:
            following = words[place] if place < len(words) else None
            if following is None or (following.startswith("--") and following != "--"):
                value = "1"
            else:
                value, place = following, place + 1
        options[name] = value
    return operands, options


async def call(context: Context, method: str, path: str, values: dict[str, Any]) -> tuple[Any, Call]:
    """One call as root@pam, with its output on the context's streams."""
    machine = context.machine
    made = Call(machine.pve, Caller(ROOT), values, synchronous=True, output=context.out, complain=context.err)
    return await dispatch(method, path, made), made


def complain(context: Context, error: PveError, usage: str = "") -> int:
    """An error as the command line prints it: 400s with the parameters and the usage."""
    if error.status == 400:
        context.err("400 Parameter verification failed.\n")
        for name, text in sorted((error.errors or {}).items()):
            context.err(f"{name}: {text}\n")
        if usage:
            context.err(f"{usage}\n")
        return 255
    context.err(f"{error.reason}\n")
    return 255


@command("qm")
async def qm(context: Context) -> int:
    words = context.argv[1:]
    if context.user != "root":
        context.err("please run as root\n")
        return 255
    if not words:
        context.err("ERROR: no command specified\nUSAGE: qm <COMMAND> [ARGS] [OPTIONS]\n")
        return 255
    name = words[0]
    if name in ("guest", "disk") and len(words) > 1 and words[1] != "import":
        name, words = f"{name} {words[1]}".replace("disk resize", "resize"), words[1:]
    operands, options = arguments(words[1:])
    if name == "agent":
        name, operands = "guest cmd", operands
    verb = VERBS.get(name)
    if verb is None and name in ELSEWHERE.split():
        return refuse(context, name)
    if verb is None:
        context.err(f"ERROR: unknown command 'qm {name}'\nUSAGE: qm <COMMAND> [ARGS] [OPTIONS]\n")
        return 255
    needed = OPERANDS.get(name, "<vmid>")
    usage = f"qm {name} {needed} [OPTIONS]".replace("  ", " ")
    if len(operands) < len(needed.split()):
        context.err(f"400 not enough arguments\n{usage}\n")
        return 255
    try:
        return await verb(context, operands, options)
    except PveError as error:
        if name == "reboot" and error.reason.endswith("not running"):
            # qm says it twice and ends with Perl's errno (recorded: PVE 8.2.4).
            context.err(f"{error.reason}\n\n{error.reason}\n")
            return MISSING_CONFIG
        status = complain(context, error, usage)
        absent = "does not exist" in error.reason and error.reason.startswith("Configuration file")
        reading = name in ("config", "status", "showcmd", "pending", "set", "destroy", "listsnapshot", "resize")
        return MISSING_CONFIG if absent and reading else status


def _base(context: Context, operands: list[str]) -> str:
    return f"nodes/{context.machine.node}/qemu/{operands[0]}"


async def _list(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    rows = [context.machine.pve.vms.status(vmid) for vmid in context.machine.pve.vms.ids()]
    if rows:
        context.out(f"{'VMID':>10} {'NAME':<20} {'STATUS':<10} {'MEM(MB)':<10} {'BOOTDISK(GB)':>12} {'PID':<10}\n")
    for row in rows:
        memory = row["maxmem"] >> 20
        disk, pid = row["maxdisk"] / GIB, row.get("pid", 0)
        line = f"{row['vmid']:>10} {row['name']:<20} {row['status']:<10} {memory:<10} {disk:>12.2f} {pid:<10}"
        context.out(f"{line}\n")
    return 0


async def _config(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    found, _ = await call(context, "GET", f"{_base(context, operands)}/config", options)
    context.machine.pve.vms.file(int(operands[0]), context.err)
    if "description" in found:
        found["description"] = encoded(found["description"])
    context.out("".join(f"{key}: {value}\n" for key, value in sorted(found.items()) if key != "digest"))
    return 0


async def _pending(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    found, _ = await call(context, "GET", f"{_base(context, operands)}/pending", options)
    for row in found:
        if row["key"] == "digest":
            continue
        if "value" in row:
            context.out(f"{'del' if 'delete' in row else 'cur'} {row['key']}: {row['value']}\n")
        if "pending" in row:
            context.out(f"new {row['key']}: {row['pending']}\n")
    return 0


async def _set(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    known = calls.options("PUT /nodes/{node}/qemu/{vmid}/config", context.machine.pve.release)
    unknown = [name for name in options if name not in known]
    if unknown:
        context.err("".join(f"Unknown option: {name}\n" for name in unknown))
        context.err("400 unable to parse option\nqm set <vmid> [OPTIONS]\n")
        return 255
    shown = {key: value for key, value in options.items() if key not in ("digest", "skiplock")}
    await call(context, "PUT", f"{_base(context, operands)}/config", options)
    context.out(
        f"update VM {operands[0]}: " + " ".join(f"-{key} {value}" for key, value in sorted(shown.items())) + "\n"
    )
    return 0


async def _create(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    _, made = await call(context, "POST", f"nodes/{context.machine.node}/qemu", {"vmid": operands[0], **options})
    return 255 if made.extra.get("failed") else 0


async def _status(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    found, _ = await call(context, "GET", f"{_base(context, operands)}/status/current", {})
    if options.get("verbose"):
        # What the API adds from the configuration is not shown (recorded: PVE 8.2.4).
        context.out(nested({key: value for key, value in found.items() if key not in ("agent", "ha", "clipboard")}))
    else:
        context.out(f"status: {found['status']}\n")
    return 0


def _power(verb: str) -> Verb:
    async def run(context: Context, operands: list[str], options: dict[str, Any]) -> int:
        path = f"{_base(context, operands)}/status/{verb}"
        context.machine.pve.vms.text(int(operands[0]))
        _, made = await call(context, "POST", path, options)
        return 255 if made.extra.get("failed") else 0

    return run


async def _showcmd(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    found = context.machine.pve.vms.show_command(int(operands[0]), context.err)
    context.out(showcmd.pretty(found) if "pretty" in options else " ".join(found) + "\n")
    return 0


async def _destroy(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    _, made = await call(context, "DELETE", _base(context, operands), options)
    return 255 if made.extra.get("failed") else 0


async def _unlock(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    vms = context.machine.pve.vms
    if "lock" in vms.file(int(operands[0])).main:
        vms.update(int(operands[0]), {"delete": "lock", "skiplock": "1"}, Caller(ROOT))
    return 0


async def _guest_cmd(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    found, _ = await call(context, "POST", f"{_base(context, operands)}/agent", {"command": operands[1]})
    answer = found.get("result") if isinstance(found, dict) else found
    if answer:
        context.out(pretty(answer))
    return 0


async def _guest_exec(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    """qm guest exec VMID [--timeout N] -- PROGRAM ARGUMENT...; ends with 0 whatever the program did."""
    words = context.argv[context.argv.index(operands[0]) + 1 :]
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--":
            break
        if word.lstrip("-") != "timeout" or not words:
            raise died(f"practice host: not supported: qm guest exec {word}")
        words.pop(0)
    if not words:
        context.err("400 not enough arguments\nqm guest exec <vmid> [<extra-args>] [OPTIONS]\n")
        return 255
    base = f"{_base(context, operands)}/agent"
    begun, _ = await call(context, "POST", f"{base}/exec", {"command": words})
    found, _ = await call(context, "GET", f"{base}/exec-status", begun)
    context.out(pretty(found))
    return 0


def _snapshot(method: str, shape: str) -> Verb:
    """A verb whose second operand is the snapshot."""

    async def run(context: Context, operands: list[str], options: dict[str, Any]) -> int:
        context.machine.pve.vms.text(int(operands[0]))
        values = {**options, "snapname": operands[1]} if shape == "" else options
        path = f"{_base(context, operands)}/snapshot{shape.format(*operands)}"
        _, made = await call(context, method, path, values)
        return 255 if made.extra.get("failed") else 0

    return run


async def _list_snapshots(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    context.out("".join(f"{line}\n" for line in snapshots.tree(context.machine.pve.vms, int(operands[0]))))
    return 0


async def _resize(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    values = {**options, "disk": operands[1], "size": operands[2]}
    _, made = await call(context, "PUT", f"{_base(context, operands)}/resize", values)
    return 255 if made.extra.get("failed") else 0


async def _send_key(context: Context, operands: list[str], options: dict[str, Any]) -> int:
    await call(context, "PUT", f"{_base(context, operands)}/sendkey", {**options, "key": operands[1]})
    return 0


ELSEWHERE = """
    cleanup clone cloudinit disk enroll-efi-keys help import importdisk importovf migrate monitor
    move-disk move_disk mtunnel nbdstop remote-migrate rescan reset resume suspend template terminal
    unlink verifyapi vncproxy wait
"""
"""What the real qm has beside VERBS (pve-docs, qm.1)."""

OPERANDS = {
    "snapshot": "<vmid> <snapname>",
    "rollback": "<vmid> <snapname>",
    "delsnapshot": "<vmid> <snapname>",
    "resize": "<vmid> <disk> <size>",
    "sendkey": "<vmid> <key>",
    "guest cmd": "<vmid> <command>",
    "guest exec": "<vmid>",
    "list": "",
}
"""What a verb needs; `<vmid>` where it is not listed."""

VERBS: dict[str, Verb] = {
    "list": _list,
    "config": _config,
    "pending": _pending,
    "set": _set,
    "create": _create,
    "status": _status,
    "showcmd": _showcmd,
    "destroy": _destroy,
    "unlock": _unlock,
    "guest cmd": _guest_cmd,
    "guest exec": _guest_exec,
    "snapshot": _snapshot("POST", ""),
    "rollback": _snapshot("POST", "/{1}/rollback"),
    "delsnapshot": _snapshot("DELETE", "/{1}"),
    "listsnapshot": _list_snapshots,
    "resize": _resize,
    "sendkey": _send_key,
    **{name: _power(verb) for name, verb in LONG_RUNNING.items()},
}
