"""Bridges, and which PCI devices carry the address that we are connected to."""

from __future__ import annotations

import re

from guide.facts.model import Network

NOT_FOR_VMS = re.compile(r"fwbr\d|docker|br-[0-9a-f]{12}|virbr")
"""Bridges that belong to something else: the PVE firewall of one VM, Docker and its networks, libvirt."""


def parse_network(links: str, connection: str, addresses: str) -> Network:
    """`links`: device/port/bridge lines; `connection`: $SSH_CONNECTION; `addresses`: `ip -o -4 address`."""
    devices: dict[str, str] = {}
    ports: dict[str, list[str]] = {}
    bridges: list[str] = []
    for line in links.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "device":
            devices[words[1]] = words[2].rsplit("/", 1)[-1]
        elif len(words) == 3 and words[0] == "port":
            ports.setdefault(words[1], []).append(words[2])
        elif len(words) == 2 and words[0] == "bridge":
            bridges.append(words[1])
    interface = _interface(connection, addresses)
    carriers = [interface, *ports.get(interface or "", [])] if interface else []
    # A VLAN or a bond hides the NIC; then every physical NIC below a bridge counts, to be on the safe side.
    if not any(name in devices for name in carriers if name):
        carriers = [port for bridge in bridges for port in ports.get(bridge, [])]
    bearing = tuple(devices[name] for name in carriers if name and re.fullmatch(r"\S+:\S+", devices.get(name, "")))
    offered = tuple(bridge for bridge in bridges if not NOT_FOR_VMS.match(bridge))
    return Network(offered, interface, bearing)


def _interface(connection: str, addresses: str) -> str | None:
    """The interface that holds the server's address of the SSH connection."""
    words = connection.split()
    if len(words) != 4:
        return None
    for line in addresses.splitlines():
        match = re.match(r"\d+:\s+(\S+)\s+inet\s+([0-9.]+)/", line)
        if match and match[2] == words[2]:
            return match[1]
    # Behind a tunnel the address is a loopback one: take the default bridge's own interface instead.
    held = [match[1] for line in addresses.splitlines() if (match := re.match(r"\d+:\s+(\S+)\s+inet\s", line))]
    return next((name for name in held if name.startswith("vmbr")), None)
