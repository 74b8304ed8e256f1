"""The table of calls and parameters against Proxmox' own schema dumps, where they lie beside the checkout."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from practice.api import server
from practice.api.routes import ROUTES
from practice.pve import calls

DUMPS = Path(__file__).resolve().parents[4] / "shared" / "data"
FILES = {
    (7, 4): "pve-api-7.4.json",
    (8, 2): "pve-api-8.2.json",
    (8, 4): "pve-api-8.4-2026-03.json",
    (9, 0): "pve-api-9.0.json",
    (9, 1): "pve-api-9.1.json",
}
AGENT = "/nodes/{node}/qemu/{vmid}/agent/{command}"
"""One handler of ours for what PVE has one call each for; none of those has parameters."""

NUMBERED = re.compile(r"(\w+)\[n\]")


def flat(nodes: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """ "GET /nodes/{}/qemu" -> what the dump says of it."""
    found = {}
    for node in nodes:
        for method, info in node.get("info", {}).items():
            found[f"{method} {re.sub(r'{[^}]+}', '{}', node['path'])}"] = {**info, "places": _places(node["path"])}
        found.update(flat(node.get("children", [])))
    return found


def _places(path: str) -> set[str]:
    return set(re.findall(r"{([^}]+)}", path))


def expected(info: dict[str, Any]) -> dict[str, tuple[object, ...]]:
    found = {}
    for name, row in info.get("parameters", {}).get("properties", {}).items():
        if name in info["places"]:
            continue
        match = NUMBERED.fullmatch(name)
        names = [f"{match[1]}{number}" for number in range(calls.COUNTS[match[1]])] if match else [name]
        limits = row.get("minimum"), row.get("maximum"), row.get("maxLength")
        found.update(dict.fromkeys(names, (not row.get("optional"), *limits)))
    return found


@pytest.mark.skipif(not DUMPS.is_dir(), reason="the schema dumps are not beside this checkout")
@pytest.mark.parametrize("release", FILES, ids=[".".join(map(str, release)) for release in FILES])
def test_calls_have_the_parameters_of_their_release(release: tuple[int, ...]) -> None:
    dump = flat(json.loads((DUMPS / FILES[release]).read_text(encoding="utf-8")))
    wrong = []
    for route in ROUTES:
        if route.name.endswith(AGENT):
            continue
        info = dump.get(re.sub(r"{[^}]+}", "{}", route.name))
        if (info is not None) != calls.there(route.name, release):
            wrong.append(f"{route.name}: {'missing' if info else 'too much'}")
        if info is None:
            continue
        wanted, ours = expected(info), calls.options(route.name, release)
        if wanted.keys() != ours.keys():
            wrong.append(f"{route.name}: {sorted(wanted.keys() ^ ours.keys())}")
        for name in wanted.keys() & ours.keys():
            option = ours[name]
            mine = option.required, option.least, option.most, option.longest
            # VM options have formats of ours, which are finer than their types.
            if mine != wanted[name] and option not in calls.OPTIONS.values():
                wrong.append(f"{route.name} {name}: {mine} is not {wanted[name]}")
    assert wrong == []


def test_every_route_is_registered_once() -> None:
    names = [route.name for route in ROUTES]
    assert len(names) == len(set(names)) >= 80
    assert server.CALLS


@pytest.mark.parametrize(
    ("call", "name", "releases"),
    [
        ("GET /cluster/mapping/pci", "", [(8, 0), (9, 1)]),
        ("PUT /nodes/{node}/qemu/{vmid}/config", "virtiofs0", [(8, 4), (9, 1)]),
        ("POST /nodes/{node}/qemu/{vmid}/vncproxy", "generate-password", [(7, 4), (9, 1)]),
    ],
)
def test_what_a_release_does_not_have_is_not_there(call: str, name: str, releases: list[tuple[int, ...]]) -> None:
    for release in FILES:
        has = calls.there(call, release) and (not name or name in calls.options(call, release))
        assert has is (releases[0] <= release <= releases[1]), release
