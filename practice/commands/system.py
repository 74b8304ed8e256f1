"""Programs about the system: shells, identity, time, processes, packages, kernel."""

from __future__ import annotations

import time

from practice.commands.options import absolute, refuse, split
from practice.identity import acting
from practice.packages import listed_packages
from practice.shell.context import COMMANDS, Context, command
from practice.shell.interpreter import Shell

ALSO_PROGRAMS = ("true", "false", "echo", "printf", "test", "[", "pwd", "kill")
"""Builtins of the shell that a real host has in /usr/bin too."""


async def run_shell(context: Context, script: str, name: str, arguments: list[str]) -> int:
    """A new shell with the context's streams."""
    bash = context.argv[0] == "bash"
    shell = Shell(context.machine, name, context.stdin, context.stdout, context.stderr, bash=bash)
    shell.variables = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **context.env}
    shell.exported = set(shell.variables)
    shell.cwd, shell.user, shell.arguments = context.cwd, context.user, arguments
    return await shell.run_script(script)


@command("sh", "bash", "dash")
async def sh(context: Context) -> int:
    words = context.argv[1:]
    while words and words[0] in ("--noprofile", "--norc", "-l", "-e"):
        words.pop(0)
    if words[:1] == ["-c"]:
        name = words[2] if len(words) > 2 else context.argv[0]
        return await run_shell(context, words[1], name, words[3:])
    if not words or words[0] == "-s":
        script = (await context.stdin.read()).decode("utf-8", "replace")
        return await run_shell(context, script, context.argv[0], words[1:])
    try:
        script = context.machine.fs.read(absolute(context, words[0])).decode("utf-8", "replace")
    except OSError as error:
        context.err(f"{context.argv[0]}: 0: cannot open {words[0]}: {error.strerror}\n")
        return 2
    return await run_shell(context, script, context.argv[0], words[1:])


@command("env", "nohup", "setsid", "nice", "time", "stdbuf")
async def env(context: Context) -> int:
    words = context.argv[1:]
    values = dict(context.env)
    while words and ("=" in words[0] or words[0].startswith("-")):
        name, sign, value = words.pop(0).partition("=")
        if sign:
            values[name] = value
    if not words:
        context.out("".join(f"{name}={value}\n" for name, value in sorted(values.items())))
        return 0
    return await _other(context, words, values, context.user)


async def _other(context: Context, words: list[str], values: dict[str, str], user: str) -> int:
    shell = Shell(context.machine, "sh", context.stdin, context.stdout, context.stderr)
    shell.cwd, shell.user = context.cwd, user
    program = shell.find(words[0])
    if program is None and words[0] in ALSO_PROGRAMS:
        return await shell.invoke(words)
    if program is None:
        context.err(f"{context.argv[0]}: ‘{words[0]}’: No such file or directory\n")
        return 127
    inner = Context(
        context.machine,
        [program, *words[1:]],
        context.stdin,
        context.stdout,
        context.stderr,
        values,
        context.cwd,
        user,
    )
    return await COMMANDS[program](inner)


@command("sudo")
async def sudo(context: Context) -> int:
    words = context.argv[1:]
    silent = ask = False
    while words and words[0].startswith("-"):
        option = words.pop(0)
        silent, ask = silent or option == "-n", ask or option == "-S"
        if option == "-p":
            words.pop(0)
        if option == "--":
            break
    free = context.user == "root" or _without_password(context)
    if not free:
        if silent or not ask:
            context.err("sudo: a password is required\n")
            return 1
        line = b""
        while not line.endswith(b"\n") and (byte := await context.stdin.read(1)):
            line += byte
        if line.decode().rstrip("\n") != context.machine.users.get(context.user):
            context.err("sudo: 1 incorrect password attempt\n")
            return 1
    if context.user in context.machine.no_sudo:
        context.err(f"{context.user} is not in the sudoers file.\n")
        return 1
    with acting(0):
        return await _other(context, words, context.env, "root")


def _without_password(context: Context) -> bool:
    with acting(0):
        rule = context.machine.fs.text(f"/etc/sudoers.d/{context.user}")
    return "NOPASSWD: ALL" in rule or bool(context.machine.scenario.get("sudo_without_password"))


@command("timeout")
async def timeout(context: Context) -> int:
    return await _other(context, context.argv[2:], context.env, context.user)


@command("flock")
async def flock(context: Context) -> int:
    """flock [-o] FILE COMMAND...: whoever locks the same file waits."""
    words = context.argv[2:] if context.argv[1] == "-o" else context.argv[1:]
    path = absolute(context, words[0])
    if any(word.startswith("-") for word in words[:2]):
        return refuse(context, " ".join(words[:2]))
    if not context.machine.fs.exists(path):
        context.machine.fs.write(path, b"")
    async with context.machine.processes.locks[path]:
        return await _other(context, words[1:], context.env, context.user)


@command("sleep")
async def sleep(context: Context) -> int:
    await context.machine.clock.sleep(float(context.argv[1].rstrip("s")))
    return 0


@command("date")
async def date(context: Context) -> int:
    template = next((word[1:] for word in context.argv[1:] if word.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    now = context.machine.clock.now()
    context.out(time.strftime(template.replace("%s", str(int(now))), time.gmtime(now)) + "\n")
    return 0


@command("id", "whoami")
async def who(context: Context) -> int:
    number = 0 if context.user == "root" else 1000
    if context.argv[0] == "whoami" or context.argv[1:] == ["-un"]:
        context.out(f"{context.user}\n")
    elif context.argv[1:] == ["-u"]:
        context.out(f"{number}\n")
    else:
        name = context.user
        context.out(f"uid={number}({name}) gid={number}({name}) groups={number}({name})\n")
    return 0


@command("hostname")
async def hostname(context: Context) -> int:
    scenario = context.machine.scenario
    shown = {"-f": f"{context.machine.node}.lan", "-I": f"{scenario.get('network.address')} "}
    context.out(f"{shown.get(' '.join(context.argv[1:]), context.machine.node)}\n")
    return 0


@command("uname")
async def uname(context: Context) -> int:
    machine = context.machine
    version = machine.scenario.get("kernel.version", "#1 SMP")
    parts = {"s": "Linux", "n": machine.node, "r": machine.kernel.release, "v": version, "m": "x86_64"}
    seen, _, _ = split(context, "snrvma")
    if "a" in seen:
        context.out(" ".join([*parts.values(), "GNU/Linux"]) + "\n")
    else:
        context.out(" ".join(parts[key] for key in parts if key in (seen or {"s"})) + "\n")
    return 0


@command("pveversion")
async def pveversion(context: Context) -> int:
    if set(context.argv[1:]) - {"-v", "--verbose"}:
        return refuse(context, " ".join(context.argv[1:]))
    versions, kernel = context.machine.scenario.get("pve", {}), context.machine.kernel.release
    if "-v" in context.argv or "--verbose" in context.argv:
        running = f" (running version: {versions['manager']}/{versions['repoid']})"
        more = {"proxmox-ve": f" (running kernel: {kernel})", "pve-manager": running}
        installed = listed_packages(versions, context.machine.kernels)
        context.out("".join(f"{name}: {version}{more.get(name, '')}\n" for name, version in installed))
    else:
        context.out(f"pve-manager/{versions['manager']}/{versions['repoid']} (running kernel: {kernel})\n")
    return 0


@command("reboot", "systemctl", "shutdown")
async def reboot(context: Context) -> int:
    words = context.argv[1:]
    if context.argv[0] == "systemctl" and words[:1] == ["is-active"]:
        context.out("active\n")
        return 0
    if context.argv[0] == "reboot" or words[:1] in (["reboot"], ["-r"]):
        context.machine.request_reboot()
        return 0
    return refuse(context, " ".join(words))


@command("locale")
async def locale(context: Context) -> int:
    if context.argv[1:] != ["-a"]:
        return refuse(context, " ".join(context.argv[1:]))
    context.out("C\nC.utf8\nPOSIX\n")
    return 0


@command("mokutil")
async def mokutil(context: Context) -> int:
    if not context.machine.scenario.get("boot.efi", True):
        context.err("EFI variables are not supported on this system\n")
        return 1
    context.out("SecureBoot enabled\n" if context.machine.scenario.get("boot.secure_boot") else "SecureBoot disabled\n")
    return 0
