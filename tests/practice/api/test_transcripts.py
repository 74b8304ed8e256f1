"""The practice host against recorded exchanges with real Proxmox VE, where the recordings lie beside the checkout.

`known_differences.txt` names the exchanges that still differ; it may only get shorter.
"""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import practice.host
from practice.host import PracticeHost
from practice.scenario import Scenario, load_scenario
from tests.practice.api.replay import Answer, Replay, differences, form, send

ROOM = Path(__file__).parent
TRANSCRIPTS = ROOM.parents[2].parent / "shared" / "data" / "transcripts"
RECORDED = {"8.2.4": "n100-pve82", "8.4.21": "n100-pve84"}
PLAIN = (ROOM / "plain.conf").read_text(encoding="utf-8")


class _Iso(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path != "/virtio-win.iso":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-iso9660-image")
        self.send_header("Content-Length", "200000")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(bytes(200000))

    do_HEAD = do_GET

    def log_message(self, *arguments: object) -> None:
        return


@pytest.fixture
def web_port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Iso)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join(5)


def recorded_host(version: str) -> Scenario:
    """The host of the recordings: two more storages, one of them broken, and a VM 100."""
    base = load_scenario(RECORDED[version])
    pve = {**base.table["pve"], "manager": version}
    if version == "8.4.21":
        pve |= {"repoid": "2606ac850d46da29", "qemu_server": "8.4.10"}
    dir_storage = {"name": "vmdata", "type": "dir", "path": "/var/lib/vmdata", "content": "images,iso"}
    broken = {"name": "gone", "type": "lvmthin", "thinpool": "data", "vgname": "gone", "content": "images"}
    more = [{**dir_storage, "total_gib": 94, "used_gib": 12}, {**broken, "broken": True, "total_gib": 0, "used_gib": 0}]
    images = "/var/lib/vmdata/images/100/vm-100-disk"
    files = {"/etc/pve/nodes/pve/qemu-server/100.conf": PLAIN, f"{images}-0.raw": "efi", f"{images}-1.raw": "disk"}
    table = {**base.table, "pve": pve, "storage": [*base.table["storage"], *more], "files": files}
    return Scenario(base.name, table)


def logins(host: PracticeHost, replay: Replay) -> None:
    """The identities of the recordings."""
    users = host.machine.pve.users
    ticket, csrf = users.ticket("root@pam"), users.csrf("root@pam")
    cookie = {"Cookie": f"PVEAuthCookie={urllib.parse.quote(ticket)}"}
    replay.cookies = {
        "ticket": {**cookie, "CSRFPreventionToken": csrf},
        "ticket without CSRF header": cookie,
        "badticket": {"Cookie": "PVEAuthCookie=PVE:root@pam:6B02AD44::bad"},
        "badtoken": {"Authorization": "PVEAPIToken=root@pam!t0=00000000-0000-0000-0000-000000000000"},
        "badtoken2": {"Authorization": "PVEAPIToken=root@pam!nosuch=00000000-0000-0000-0000-000000000000"},
        "malformed token": {"Authorization": "PVEAPIToken=root@pam"},
    }
    for name, privsep in (("t0", False), ("t1", True)):
        secret = users.create_token("root@pam", name, privsep, "")["value"]
        replay.cookies[f"token root@pam!{name} privsep={int(privsep)}"] = {
            "Authorization": f"PVEAPIToken=root@pam!{name}={secret}"
        }


def log_in_administrator(replay: Replay) -> None:
    """After the recording made the user."""
    body = urllib.parse.urlencode({"username": "adm@pve", "password": "adm12345"}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = send(replay.access, "POST", "/api2/json/access/ticket", headers, body)
    if answer.status == 200:
        data = answer.body["data"]
        replay.cookies["ticket adm@pve (Administrator on /)"] = {
            "Cookie": f"PVEAuthCookie={urllib.parse.quote(data['ticket'])}",
            "CSRFPreventionToken": data["CSRFPreventionToken"],
        }


def _one_line(label: str) -> str:
    return label.replace("\n", " ")


def prepare(label: str, host: PracticeHost, replay: Replay) -> None:
    """What was done to the recorded host between two exchanges."""
    users = host.machine.pve.users
    if label == "create user again":
        log_in_administrator(replay)
    elif label == "tfa login first factor":
        users.codes["adm@pve"] = "052340"
    elif label == "tfa half ticket used for API":
        replay.cookies["half ticket"] = {"Cookie": f"PVEAuthCookie={urllib.parse.quote(replay.half_ticket)}"}


def compared(record: dict[str, Any], answer: Answer) -> list[str]:
    """Why the answer is not the recorded one; [] where it is."""
    wanted = record["response"]
    found = []
    if (wanted.get("status"), form(wanted.get("reason") or "")) != (answer.status, form(answer.reason)):
        found.append(f"{wanted.get('status')} {wanted.get('reason')!r} is not {answer.status} {answer.reason!r}")
    return found + differences(wanted.get("body"), answer.body, "")


@pytest.mark.parametrize("version", RECORDED)
@pytest.mark.skipif(not TRANSCRIPTS.is_dir(), reason="the recordings are not beside this checkout")
def test_recorded_exchanges(version: str, web_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice.host, "load_scenario", lambda name: recorded_host(version))
    host = PracticeHost("recorded", speed=60)
    replay = Replay(host.start(), web_port)
    logins(host, replay)
    lines = (TRANSCRIPTS / f"pve-api-{version}.jsonl").read_text(encoding="utf-8").splitlines()
    different: dict[str, list[str]] = {}
    try:
        for line in lines:
            record = json.loads(line)
            prepare(record["label"], host, replay)
            found = compared(record, replay.exchange(record))
            if found:
                different[record["label"]] = found
    finally:
        host.stop()
    for label, found in different.items():
        print(f"DIFFERENT {_one_line(label)}", *found, sep="\n    ")
    print(f"{version}: {len(lines) - len(different)} of {len(lines)} exchanges are equal")
    known = (ROOM / "known_differences.txt").read_text(encoding="utf-8").splitlines()
    mine = {label.partition(": ")[2] for label in known if label.startswith(f"{version}: ")}
    now = {_one_line(label) for label in different}
    assert sorted(now - mine) == []
    assert sorted(mine - now) == [], "these are equal now: take them out of the list"
