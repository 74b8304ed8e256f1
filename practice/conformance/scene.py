"""The host on which a recording was made, as far as its answers tell it: release, storages, VMs, tokens, files.

A recording does not say what was done to the host before its first line. What can be read off the answers is given to
the practice host as its state; the answers themselves it has to find.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from practice.conformance.recording import Recording
from practice.igd import numbers
from practice.scenario import Scenario

NODE = re.compile(r"/nodes/([\w-]+)/")
TOKEN = re.compile(r"token (?P<user>[^!\s]+@\w+)!(?P<name>\S+) privsep=(?P<privsep>[01])")
GIB = 1 << 30


@cache
def _releases() -> list[dict[str, Any]]:
    path = Path(__file__).resolve().parents[1] / "data" / "releases.toml"
    return list(tomllib.loads(path.read_text(encoding="utf-8"))["release"])


def recorded_scenario(recording: Recording, base: Scenario) -> Scenario:
    """The hardware of `base` with the release, storages and files of the recorded host."""
    version, repoid = recording.version
    row = next((row for row in _releases() if numbers(row["manager"]) <= numbers(version)), _releases()[-1])
    # What the recorded packages are called is in the recording; the practice host only needs the behaviour.
    pve = {**base.table["pve"], "manager": version, "release": ".".join(version.split(".")[:2])}
    pve |= {"qemu": row["qemu"], "qemu_server": row["qemu_server"], "repoid": repoid or pve["repoid"]}
    storages = _storages(recording) or base.table["storage"]
    node = next((match[1] for match in map(NODE.search, _places(recording)) if match), base.get("node", "pve"))
    table = {**base.table, "pve": pve, "debian": row["debian"], "storage": storages, "node": node}
    table["files"] = {**base.get("files", {}), **_volumes(recording, storages), **_machines(recording, node)}
    table["files"] |= _files(recording, storages)
    if not recording.is_cli:
        # The recorded API hosts had no guest system: nothing that installs itself answers the agent.
        table["missing_commands"] = []
    else:
        table["missing_commands"] = _missing(recording)
    return Scenario(base.name, table)


def tokens(recording: Recording) -> list[tuple[str, str, bool]]:
    """(user, name, privsep) of the tokens that exist before the first exchange."""
    found: dict[tuple[str, str], bool] = {}
    for exchange in recording.exchanges:
        match = TOKEN.fullmatch(str(exchange.record.get("auth", "")))
        if match:
            found[(match["user"], match["name"])] = match["privsep"] == "1"
    added = {words[5] for words in _commands(recording, "pveum user token add") if len(words) > 5}
    for exchange in recording.exchanges:
        if exchange.is_command and exchange.label.startswith("pveum user token list ") and exchange.good:
            for row in json.loads(exchange.record["stdout"]):
                if row["tokenid"] not in added:
                    found.setdefault((exchange.label.split()[4], row["tokenid"]), bool(row["privsep"]))
    return [(user, name, privsep) for (user, name), privsep in found.items()]


def _places(recording: Recording) -> list[str]:
    return [exchange.label if exchange.is_command else exchange.path + "/" for exchange in recording.exchanges]


def _commands(recording: Recording, start: str) -> list[list[str]]:
    return [item.label.split() for item in recording.exchanges if item.is_command and item.label.startswith(start)]


def _listed(recording: Recording, path: str) -> Any:
    """The first good answer of GET `path` (a regular expression), by API or pvesh."""
    for exchange in recording.exchanges:
        if exchange.is_command:
            shown = re.fullmatch(rf"pvesh get {path} --output-format json", exchange.label)
            if shown and exchange.good:
                return json.loads(exchange.record["stdout"])
        elif exchange.method == "GET" and re.fullmatch(path, exchange.path) and exchange.good and not exchange.values:
            return exchange.data
    return None


def _storages(recording: Recording) -> list[dict[str, Any]]:
    """From the list of the node; paths and pools from the configuration, where the recording shows it."""
    configured = {row["storage"]: row for row in _listed(recording, "/storage") or []}
    found = []
    for row in _listed(recording, r"/nodes/[\w-]+/storage") or []:
        name, kind = row["storage"], row["type"]
        more = configured.get(name, {})
        item: dict[str, Any] = {"name": name, "type": kind, "content": row["content"]}
        item |= {"total_gib": row["total"] / GIB, "used_gib": row["used"] / GIB}
        if kind == "dir":
            item["path"] = more.get("path", "/var/lib/vz" if name == "local" else f"/var/lib/{name}")
        else:
            item["vgname"] = more.get("vgname", "pve" if name.startswith("local") else name)
            item["thinpool"] = more.get("thinpool", "data")
        item["broken"] = not row["active"]
        item["disabled"] = not row["enabled"]
        found.append(item)
    return sorted(found, key=lambda item: str(item["name"]))


def _machines(recording: Recording, node: str) -> dict[str, str]:
    """Configurations of the VMs that are there before anything is created."""
    created = {str(item.values.get("vmid")) for item in recording.exchanges if not item.is_command and _creates(item)}
    found: dict[str, str] = {}
    for exchange in recording.exchanges:
        match = None if exchange.is_command else re.fullmatch(r"/nodes/[\w-]+/qemu/(\d+)/config", exchange.path)
        if match is None or exchange.method != "GET" or not exchange.good or match[1] in created:
            continue
        path = f"/etc/pve/nodes/{node}/qemu-server/{match[1]}.conf"
        if path not in found or str(exchange.values.get("current")) == "1":
            config = {key: value for key, value in exchange.data.items() if key != "digest"}
            found[path] = "".join(f"{key}: {value}\n" for key, value in sorted(config.items()))
    return found


def _creates(exchange: Any) -> bool:
    return exchange.method == "POST" and bool(re.fullmatch(r"/nodes/[\w-]+/qemu", exchange.path))


def _volumes(recording: Recording, storages: list[dict[str, Any]]) -> dict[str, str]:
    """Image files of directory storages that those VMs have."""
    folders = {row["name"]: row["path"] for row in storages if "path" in row}
    found = {}
    for text in _machines(recording, "x").values():
        for storage, volume in re.findall(r"(?m)^\w+: ([\w-]+):(\d+/[^,\s]+)", text):
            if storage in folders:
                found[f"{folders[storage]}/images/{volume}"] = "image"
    return found


def _files(recording: Recording, storages: list[dict[str, Any]]) -> dict[str, str]:
    """ISO files that were listed and never brought there, and the boot loader's settings."""
    found = {}
    for exchange in recording.exchanges:
        if exchange.is_command and exchange.label == "cat /etc/default/grub":
            found["/etc/default/grub"] = str(exchange.record["stdout"])
        words = exchange.label.split() if exchange.is_command else []
        if words[:2] == ["pvesm", "list"] and exchange.good:
            row = next(item for item in storages if item["name"] == words[2])
            for name, size in re.findall(r"(?m)^[\w-]+:iso/(\S+)\s+iso\s+iso\s+(\d+)", exchange.record["stdout"]):
                found[f"{row['path']}/template/iso/{name}"] = "\0" * int(size)
    return found


def _missing(recording: Recording) -> list[str]:
    found = [re.search(r"(\S+): command not found", exchange.text) for exchange in recording.exchanges]
    return [match[1] for match in found if match]
