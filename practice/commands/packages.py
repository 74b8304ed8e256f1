"""dpkg, apt and apt-mark: texts tried with Debian 12's, as far as a person with a Proxmox host asks them."""

from __future__ import annotations

from fnmatch import fnmatch

from practice import packages
from practice.commands.options import refuse
from practice.shell.context import Context, command

HEAD = (
    "Desired=Unknown/Install/Remove/Purge/Hold\n"
    "| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n"
    "|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n"
)
NO_DESCRIPTION = "(no description available)"
"""The practice host knows no descriptions, and says so in dpkg's words."""

FILES = {"/usr/bin/kvm": "pve-qemu-kvm", "/usr/bin/qemu-system-x86_64": "pve-qemu-kvm", "/usr/sbin/qm": "qemu-server"}
READING = "Reading package lists...\nBuilding dependency tree...\nReading state information...\n"
SURE, DRY = {"-y", "--yes"}, {"-s", "--simulate", "--dry-run"}
APT_FLAGS = SURE | DRY | {"--allow-downgrades", "--allow-change-held-packages", "--no-remove", "-q", "-qq"}
"""--no-remove: nothing is ever removed here."""
UNSTABLE = "\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n"


@command("dpkg-query", "dpkg")
async def dpkg(context: Context) -> int:
    verb, words = (context.argv[1:2] or [""])[0], context.argv[2:]
    long = {"--list": "-l", "--status": "-s", "--search": "-S", "--show": "-W"}
    verb = long.get(verb, verb)
    if verb == "-l":
        return _list(context, words)
    if verb == "-s" and words:
        return max(_status(context, name) for name in words)
    if verb == "-S" and words:
        return max(_owner(context, path) for path in words)
    if verb == "-W" and context.argv[0] == "dpkg-query":
        return _show(context, words)
    return refuse(context, " ".join(context.argv[1:]))


def _list(context: Context, patterns: list[str]) -> int:
    """As wide as its content."""
    found = packages.installed(context.machine)
    names = [name for name in sorted(found) if not patterns or any(fnmatch(name, pattern) for pattern in patterns)]
    held = context.machine.scenario.get("holds", [])
    if names:
        wide, version = (max(most, *map(len, texts)) for most, texts in ((14, names), (12, [found[n] for n in names])))
        rest = max(33, len(NO_DESCRIPTION))
        context.out(f"{HEAD}||/ {'Name':<{wide}} {'Version':<{version}} Architecture Description\n")
        context.out(f"+++-{'=' * wide}-{'=' * version}-{'=' * 12}-{'=' * rest}\n")
        for name in names:
            mark = "hi" if name in held else "ii"
            context.out(f"{mark}  {name:<{wide}} {found[name]:<{version}} {'amd64':<12} {NO_DESCRIPTION}\n")
    missing = [text for text in patterns if not any(fnmatch(name, text) for name in names)]
    context.err("".join(f"dpkg-query: no packages found matching {text}\n" for text in missing))
    return int(bool(missing))


def _status(context: Context, name: str) -> int:
    version = packages.installed(context.machine).get(name)
    if version is None:
        context.err(f"dpkg-query: package '{name}' is not installed and no information is available\n")
        context.err("Use dpkg --info (= dpkg-deb --info) to examine archive files.\n")
        return 1
    wanted = "hold" if name in context.machine.scenario.get("holds", []) else "install"
    context.out(f"Package: {name}\nStatus: {wanted} ok installed\nArchitecture: amd64\nVersion: {version}\n")
    return 0


def _owner(context: Context, path: str) -> int:
    """Which package a file is of, for the few that are known."""
    if path in FILES:
        context.out(f"{FILES[path]}: {path}\n")
        return 0
    if context.machine.fs.exists(path):
        return refuse(context, f"-S {path}")
    context.err(f"dpkg-query: no path found matching pattern {path}\n")
    return 1


def _show(context: Context, words: list[str]) -> int:
    """-W [-f FORMAT] [NAME]..."""
    found = packages.installed(context.machine)
    template = "${Package}\t${Version}\\n"
    if words[:1] == ["-f"]:
        template, words = words[1], words[2:]
    elif words and words[0].startswith(("-f", "--showformat=")):
        template, words = words[0].removeprefix("--showformat=").removeprefix("-f").removeprefix("="), words[1:]
    status, held = 0, context.machine.scenario.get("holds", [])
    for text in words or ["*"]:
        names = [name for name in sorted(found) if fnmatch(name, text)]
        for name in names:
            line = template.replace("${Package}", name).replace("${binary:Package}", name)
            line = line.replace("${Version}", found[name]).replace("${db:Status-Abbrev}", "ii ")
            line = line.replace("${db:Status-Want}", "hold" if name in held else "install")
            context.out(line.replace("\\n", "\n").replace("\\t", "\t"))
        if not names:
            context.err(f"dpkg-query: no packages found matching {text}\n")
            status = 1
    return status


@command("apt-mark")
async def apt_mark(context: Context) -> int:
    verb, names = (context.argv[1:2] or [""])[0], context.argv[2:]
    if verb == "showhold":
        held = context.machine.scenario.get("holds", [])
        context.out("".join(f"{name}\n" for name in held if not names or name in names))
        return 0
    if verb not in ("hold", "unhold"):
        return refuse(context, " ".join(context.argv[1:]))
    for name in names:
        if name not in packages.installed(context.machine):
            context.err(f"E: Unable to locate package {name}\nE: No packages found\n")
            return 100
        new = packages.hold(context.machine, name, verb == "hold")
        done = f"{name} set on hold." if verb == "hold" else f"Canceled hold on {name}."
        already = f"{name} was already {'set on' if verb == 'hold' else 'not on'} hold."
        context.out(f"{done if new else already}\n")
    return 0


@command("apt-cache")
async def apt_cache(context: Context) -> int:
    """policy"""
    if context.argv[1:2] != ["policy"] or len(context.argv) < 3:
        return refuse(context, " ".join(context.argv[1:]))
    for name in context.argv[2:]:
        now, versions = packages.installed(context.machine).get(name), packages.offered(context.machine, name)
        if not versions:
            continue
        candidate = now if name in context.machine.scenario.get("holds", []) else versions[0]
        context.out(f"{name}:\n  Installed: {now or '(none)'}\n  Candidate: {candidate}\n  Version table:\n")
        for version in versions:
            here = version == now
            context.out(f" {'***' if here else '   '} {version} 500\n")
            context.out(f"        500 {packages.table()['repository']}\n")
            context.out("        100 /var/lib/dpkg/status\n" if here else "")
    return 0


@command("apt", "apt-get")
async def apt(context: Context) -> int:
    """install of one pve-qemu-kvm=VERSION, and update; the rest is refused."""
    flags = {word for word in context.argv[1:] if word.startswith("-")}
    words = [word for word in context.argv[1:] if not word.startswith("-")]
    if context.argv[0] == "apt":
        context.err(UNSTABLE)
    if words == ["update"] and not flags - {"-q", "-qq"}:
        context.out(f"Hit:1 {packages.table()['repository'].split(' ')[0]} InRelease\nReading package lists...\n")
        return 0
    if words[:1] != ["install"] or len(words) != 2 or flags - APT_FLAGS:
        return refuse(context, " ".join(context.argv[1:]))
    name, sign, version = words[1].partition("=")
    context.out(READING)
    now = packages.installed(context.machine).get(name)
    if not packages.offered(context.machine, name):
        context.err(f"E: Unable to locate package {name}\n")
        return 100
    version = version if sign else packages.offered(context.machine, name)[0]
    if version not in packages.offered(context.machine, name):
        context.err(f"E: Version '{version}' for '{name}' was not found\n")
        return 100
    if version == now:
        context.out(f"{name} is already the newest version ({version}).\n")
        context.out("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n")
        return 0
    return await _install(context, name, version, flags)


async def _install(context: Context, name: str, version: str, flags: set[str]) -> int:
    machine = context.machine
    now, versions = packages.installed(machine)[name], packages.offered(machine, name)
    down = versions.index(version) > versions.index(now)
    held = name in machine.scenario.get("holds", [])
    context.out("The following held packages will be changed:\n" + f"  {name}\n" if held else "")
    context.out(f"The following packages will be {'DOWNGRADED' if down else 'upgraded'}:\n  {name}\n")
    counts = "0 upgraded, 0 newly installed, 1 downgraded" if down else "1 upgraded, 0 newly installed"
    context.out(f"{counts}, 0 to remove and 0 not upgraded.\n")
    if flags & DRY:
        context.out(f"Inst {name} [{now}] ({version} {packages.table()['origin']} [amd64])\n")
        context.out(f"Conf {name} ({version} {packages.table()['origin']} [amd64])\n")
        return 0
    sure = bool(flags & SURE)
    if sure and held and "--allow-change-held-packages" not in flags:
        context.err("E: Held packages were changed and -y was used without --allow-change-held-packages.\n")
        return 100
    if sure and down and "--allow-downgrades" not in flags:
        context.err("E: Packages were downgraded and -y was used without --allow-downgrades.\n")
        return 100
    if not sure:
        context.out("Do you want to continue? [Y/n] ")
        if (await context.stdin.read(1)).lower() not in (b"y", b"\n"):
            context.out("Abort.\n")
            return 1
    file = f"{name}_{version}_amd64.deb"
    context.err(f"dpkg: warning: downgrading {name} from {now} to {version}\n" if down else "")
    context.out(f"Preparing to unpack .../{file} ...\nUnpacking {name} ({version}) over ({now}) ...\n")
    await machine.clock.sleep(5)
    packages.change_qemu(machine, version)
    context.out(f"Setting up {name} ({version}) ...\n")
    return 0
