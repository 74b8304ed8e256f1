"""What the API and the guest agent say about the VM of the guide right now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from guide.errors import ApiRefused, AppError, CommandFailed
from guide.guest import GuestShell
from guide.host import Api, Host
from guide.step import VmState

log = logging.getLogger(__name__)

RDP_PORT = 3389


def observe_vm(host: Host, vmid: int) -> VmState | None:
    """The VM's state; None where there is no such VM on this node. Asks Windows itself only where its agent answers."""
    api = host.api
    base = f"nodes/{api.node}/qemu/{vmid}"
    try:
        status = api.get(f"{base}/status/current")
    except ApiRefused as error:
        if "does not exist" in error.detail:
            return None
        raise
    config = api.get(f"{base}/config")
    state = VmState(
        vmid=vmid,
        status=str(status.get("status", "")),
        config={key: str(value) for key, value in config.items() if key != "digest"},
        digest=str(config.get("digest", "")),
        lock=str(status.get("lock", "")),
    )
    return _observe_guest(host, api, state) if state.status == "running" else state


def mac_address(config: Mapping[str, Any]) -> str:
    """The MAC of net0 in lower case; "" where there is none."""
    first = str(config.get("net0", "")).split(",")[0]
    return first.partition("=")[2].lower()


def _observe_guest(host: Host, api: Api, state: VmState) -> VmState:
    base = f"nodes/{api.node}/qemu/{state.vmid}"
    running = api.get(f"{base}/config", current=1)
    state = replace(state, running_config={key: str(value) for key, value in running.items() if key != "digest"})
    mac = mac_address(state.config)
    try:
        api.post(f"{base}/agent/ping")
        interfaces = api.get(f"{base}/agent/network-get-interfaces")
        state = replace(state, agent=True, addresses=_agent_addresses(interfaces, mac))
    except ApiRefused as error:
        log.debug("the agent of VM %s does not answer: %s", state.vmid, error.detail)
        state = replace(state, addresses=_neighbours(host, mac))
    if state.addresses:
        state = replace(state, rdp_open=host.tcp_open(state.addresses[0], RDP_PORT, timeout=3))
    return _ask_windows(api, state) if state.agent else state


def _ask_windows(api: Api, state: VmState) -> VmState:
    try:
        answers = GuestShell(api, state.vmid).ask()
    except AppError as error:
        log.info("Windows in VM %s did not answer: %s", state.vmid, error)
        return state
    busy = answers.get("setup_in_progress"), answers.get("oobe_in_progress")
    deny = answers.get("deny_remote_desktop")
    return replace(
        state,
        setup_finished=None if None in busy else busy == (0, 0),
        remote_desktop_enabled=None if deny is None else deny == 0,
        display_adapters=_rows(answers.get("display")),
        sound_devices=_rows(answers.get("sound")),
        monitors=_rows(answers.get("monitors")),
    )


def _rows(value: Any) -> tuple[Mapping[str, Any], ...]:
    """ConvertTo-Json gives one object instead of a list of one."""
    found = value if isinstance(value, list) else [value]
    return tuple(row for row in found if isinstance(row, dict))


def _agent_addresses(answer: Any, mac: str) -> tuple[str, ...]:
    """IPv4 of the interface with our MAC, without loopback and link-local (facts: windows-and-rom.md A.5)."""
    found = []
    for interface in answer.get("result", []) if isinstance(answer, dict) else []:
        if str(interface.get("hardware-address", "")).lower() == mac:
            found += [entry.get("ip-address", "") for entry in interface.get("ip-addresses", [])]
    return tuple(address for address in found if _is_useful(address))


def _neighbours(host: Host, mac: str) -> tuple[str, ...]:
    """Without an agent the host's neighbour table may know the guest's address."""
    try:
        lines = host.run(["ip", "neigh", "show"]).stdout.splitlines()
    except CommandFailed:
        return ()
    return tuple(line.split()[0] for line in lines if mac and mac in line.lower() and _is_useful(line.split()[0]))


def _is_useful(address: str) -> bool:
    return "." in address and not address.startswith(("127.", "169.254."))
