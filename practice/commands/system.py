"""Programs about the system: shells, identity, time, processes, packages, kernel."""

from __future__ import annotations

import time
import tomllib
from functools import cache
from pathlib import Path

from practice.commands.options import absolute, refuse, split
from practice.identity import acting
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


@command("dpkg-query", "dpkg")
async def dpkg_query(context: Context) -> int:
    installed = packages(context.machine.scenario.get("pve", {}), context.machine.kernels)
    if context.argv[:2] == ["dpkg", "-l"]:
        wanted = context.argv[2:] or list(installed)
        context.out("".join(f"ii  {name}  {installed[name]}  amd64\n" for name in wanted if name in installed))
        return int(not any(name in installed for name in wanted))
    words = context.argv[1:]
    if words[:2] != ["-W", "-f"]:
        return refuse(context, " ".join(words))
    status = 0
    for name in words[3:]:
        if name in installed:
            line = words[2].replace("${Package}", name).replace("${Version}", installed[name]).replace("\\n", "\n")
            context.out(line)
        else:
            context.err(f"dpkg-query: no packages found matching {name}\n")
            status = 1
    return status


@cache
def _companions() -> list[tuple[str, str]]:
    path = Path(__file__).resolve().parents[1] / "data" / "packages.toml"
    return [(name, version) for name, version in tomllib.loads(path.read_text(encoding="utf-8"))["packages"]]


def packages(versions: dict[str, str], kernels: list[str]) -> dict[str, str]:
    """Name -> version in the order of `pveversion -v`, which names one of them twice."""
    return dict(listed_packages(versions, kernels))


def listed_packages(versions: dict[str, str], kernels: list[str]) -> list[tuple[str, str]]:
    known = {
        "proxmox-ve": f"{versions.get('release', '')}.0",
        "pve-manager": versions.get("manager", ""),
        "pve-qemu-kvm": versions.get("qemu", ""),
        "qemu-server": versions.get("qemu_server", ""),
    }
    found: list[tuple[str, str]] = []
    for name, version in _companions():
        if name == "proxmox-kernel":
            series = ".".join(kernels[0].split(".")[:2])
            found.append((f"{name}-{series}", kernels[0].removesuffix("-pve")))
            found += [(f"{name}-{kernel}-signed", kernel.removesuffix("-pve")) for kernel in kernels]
        else:
            found.append((name, version or known[name]))
    return found


@command("apt-mark")
async def apt_mark(context: Context) -> int:
    if context.argv[1:2] != ["showhold"]:
        return refuse(context, " ".join(context.argv[1:]))
    context.out("".join(f"{name}\n" for name in context.machine.scenario.get("holds", [])))
    return 0


@command("pveversion")
async def pveversion(context: Context) -> int:
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


@command("dmesg")
async def dmesg(context: Context) -> int:
    lines = context.machine.kernel.dmesg
    context.out("".join(f"[{number * 0.01:12.6f}] {line}\n" for number, line in enumerate(lines)))
    return 0


@command("lsmod")
async def lsmod(context: Context) -> int:
    context.out("Module                  Size  Used by\n")
    context.out("".join(f"{name.replace('-', '_'):<22} 16384  0\n" for name in context.machine.kernel.modules))
    return 0


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


@command("ip")
async def ip(context: Context) -> int:
    scenario, words = context.machine.scenario, context.argv[1:]
    bridge, address = scenario.get("network.bridge", "vmbr0"), scenario.get("network.address")
    if "neigh" in words:
        for guest in context.machine.guests.values():
            if guest.address:
                context.out(f"{guest.address} dev {bridge} lladdr {guest.mac} REACHABLE\n")
        return 0
    if "-o" in words or words[:1] in (["a"], ["address"], ["addr"]):
        context.out("1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n")
        context.out(f"3: {bridge}    inet {address}/24 scope global {bridge}\\       valid_lft forever\n")
        return 0
    return refuse(context, " ".join(words))
