"""dmesg, journalctl, lsmod and modprobe [kmod 30, tried]."""

from __future__ import annotations

import time

from practice import kernel
from practice.commands.options import refuse
from practice.modprobe import parse, plain
from practice.shell.context import Context, command


@command("dmesg")
async def dmesg(context: Context) -> int:
    """As it is, -T with times of day, -t without; -H, -x, -w and the like are refused."""
    words = context.argv[1:]
    names = {"--ctime": "-T", "--notime": "-t"}
    words = [names.get(word, word) for word in words]
    wrong = [word for word in words if word not in ("-T", "-t", "--color=never")]
    if wrong:
        return refuse(context, " ".join(wrong))
    began = context.machine.clock.now() - context.machine.uptime
    for number, line in enumerate(context.machine.kernel.dmesg):
        since = number * 0.01
        stamp = f"[{since:12.6f}] "
        if "-T" in words:
            stamp = f"[{time.strftime('%a %b %e %H:%M:%S %Y', time.gmtime(began + since))}] "
        context.out(f"{'' if '-t' in words else stamp}{line}\n")
    return 0


@command("journalctl")
async def journalctl(context: Context) -> int:
    """The kernel's messages and QEMU's of this boot; -k: the kernel's alone."""
    words = context.argv[1:]
    wrong = [word for word in words if word not in ("-k", "--dmesg", "-b", "-b0", "--boot", "--no-pager")]
    if wrong:
        return refuse(context, " ".join(wrong))
    lines = [f"kernel: {line}" for line in context.machine.kernel.dmesg]
    lines += [] if {"-k", "--dmesg"} & set(words) else context.machine.journal
    stamp = time.strftime("%b %d %H:%M:%S", time.gmtime(context.machine.clock.now()))
    context.out("".join(f"{stamp} {context.machine.node} {line}\n" for line in lines))
    return 0


@command("lsmod")
async def lsmod(context: Context) -> int:
    """Sizes and uses are not simulated: every module has 16384 bytes and no user."""
    if context.argv[1:]:
        context.err("Usage: lsmod\n")
        return 1
    context.out("Module                  Size  Used by\n")
    context.out("".join(f"{name:<19} {16384:8}  0\n" for name in reversed(context.machine.kernel.modules)))
    return 0


@command("modprobe")
async def modprobe(context: Context) -> int:
    """-c, -r, -n -v and loading by name."""
    words = context.argv[1:]
    flags = {word for word in words if word.startswith("-")}
    names = [word for word in words if not word.startswith("-")]
    known = {"-c", "--showconfig", "-r", "--remove", "-n", "--dry-run", "-v", "--verbose", "-a", "-q", "--quiet"}
    if flags - known:
        return refuse(context, " ".join(sorted(flags - known)))
    machine = context.machine
    config = parse(machine.modprobe_files(), machine.kernel.cmdline)
    context.err("".join(f"{line}\n" for line in config.complaints))
    if flags & {"-c", "--showconfig"}:
        context.out(config.dump() + "\n# End of configuration files. Dumping indexes now:\n\n")
        return 0
    if not names:
        context.err("modprobe: ERROR: missing parameters. See -h.\n")
        return 1
    if flags & {"-r", "--remove"}:
        return _remove(context, names[0])
    return _load(context, names[0], flags)


def _load(context: Context, name: str, flags: set[str]) -> int:
    machine, module = context.machine, plain(name)
    loader = machine.loader()
    if module not in loader.known():
        if not flags & {"-q", "--quiet"}:
            where = f"/lib/modules/{machine.kernel.release}"
            context.err(f"modprobe: FATAL: Module {name} not found in directory {where}\n")
        return 1
    if module in machine.kernel.modules:
        return 0
    if flags & {"-v", "--verbose"}:
        path = next((row["path"] for row in kernel.table()["paths"] if row["module"] == module), "")
        if module in loader.config.install:
            context.out(f"install {loader.config.install[module]} \n")
        elif path:
            context.out(f"insmod /lib/modules/{machine.kernel.release}/{path}\n")
        else:
            return refuse(context, f"the path of {name}")
    if flags & {"-n", "--dry-run"}:
        return 0
    if module in loader.config.install:
        instead = loader.config.install[module]
        if instead.rpartition("/")[2] == "true":
            return 0
        where = "../libkmod/libkmod-module.c:1047 command_do()"
        context.err(
            f"modprobe: ERROR: {where} Error running install command '{instead}' for module {module}: retcode 1\n"
        )
        context.err(f"modprobe: ERROR: could not insert '{module}': Invalid argument\n")
        return 1
    machine.load_module(name)
    return 0


def _remove(context: Context, name: str) -> int:
    """A module whose driver has a device is in use; what came with it goes with it."""
    machine, module = context.machine, plain(name)
    if module not in machine.loader().known():
        context.err(f"modprobe: FATAL: Module {name} not found.\n")
        return 1
    if module in {plain(driver or "") for driver in machine.kernel.drivers.values()}:
        context.err(f"modprobe: FATAL: Module {module} is in use.\n")
        return 1
    beside = [other for row in kernel.table()["together"] if row["module"] == module for other in row["with"]]
    machine.kernel.modules = [other for other in machine.kernel.modules if other not in (module, *beside)]
    return 0
