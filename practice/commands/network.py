"""ip: addresses and neighbours [iproute2 6.1, forms tried]. Links, routes and changes are refused."""

from __future__ import annotations

from practice.commands.options import refuse
from practice.shell.context import Context, command

FOREVER = "valid_lft forever preferred_lft forever"
ETHER = "<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500"


@command("ip")
async def ip(context: Context) -> int:
    flags = {word for word in context.argv[1:] if word.startswith("-")}
    words = [word for word in context.argv[1:] if not word.startswith("-")]
    object_, rest = (
        (words[0] if words else ""),
        [word for word in words[1:] if word not in ("show", "list", "ls", "dev")],
    )
    bridge = context.machine.scenario.get("network.bridge", "vmbr0")
    if flags - {"-4", "-o", "-br", "-brief", "-oneline"} or len(rest) > 1:
        return refuse(context, " ".join(context.argv[1:]))
    if object_ and "neighbour".startswith(object_):
        for guest in context.machine.guests.values():
            if guest.address and rest in ([], [bridge]):
                device = "" if rest else f"dev {bridge} "
                context.out(f"{guest.address} {device}lladdr {guest.mac} REACHABLE\n")
        return 0
    if not object_ or not "address".startswith(object_):
        return refuse(context, " ".join(context.argv[1:]))
    return _addresses(context, flags, rest)


def _addresses(context: Context, flags: set[str], rest: list[str]) -> int:
    scenario = context.machine.scenario
    bridge, port = scenario.get("network.bridge", "vmbr0"), scenario.get("network.port", "enp1s0")
    held = {"lo": "127.0.0.1/8", port: "", bridge: f"{scenario.get('network.address')}/24"}
    if rest and rest[0] not in held:
        context.err(f'Device "{rest[0]}" does not exist.\n')
        return 1
    for number, (name, address) in enumerate(held.items(), 1):
        if rest and name != rest[0]:
            continue
        scope = f"scope {'host' if name == 'lo' else 'global'} {name}"
        if flags & {"-br", "-brief"}:
            context.out(f"{name:<16} {'UNKNOWN' if name == 'lo' else 'UP':<14} {address} \n")
        elif flags & {"-o", "-oneline"}:
            context.out(f"{number}: {name}    inet {address} {scope}\\       {FOREVER}\n" if address else "")
        elif address or "-4" not in flags:
            context.out(f"{number}: {name}: {_link(name, port, bridge)}\n")
            if "-4" not in flags:
                mac = "00:00:00:00:00:00" if name == "lo" else "bc:24:11:00:00:01"
                end = "00:00:00:00:00:00" if name == "lo" else "ff:ff:ff:ff:ff:ff"
                context.out(f"    link/{'loopback' if name == 'lo' else 'ether'} {mac} brd {end}\n")
            context.out(f"    inet {address} {scope}\n       {FOREVER}\n" if address else "")
    return 0


def _link(name: str, port: str, bridge: str) -> str:
    if name == "lo":
        return "<LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000"
    if name == port:
        return f"{ETHER} qdisc mq master {bridge} state UP group default qlen 1000"
    return f"{ETHER} qdisc noqueue state UP group default qlen 1000"
