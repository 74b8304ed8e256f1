"""Rules of the API that need no recording: who may, two steps of a login, limits of the transport."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

from practice.conformance.client import Answer, send
from practice.host import Access, PracticeHost

SPEED = 60.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Iterator[PracticeHost]:
    made = PracticeHost(getattr(request, "param", "n100-pve82"), speed=SPEED)
    yield made
    made.stop()


def post(access: Access, path: str, values: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    body = urllib.parse.urlencode(values).encode()
    return send(access, "POST", f"/api2/json/{path}", {**FORM, **(headers or {})}, body)


def token(host: PracticeHost, privsep: bool) -> dict[str, str]:
    secret = host.machine.pve.users.create_token("root@pam", "t", privsep, "")["value"]
    return {"Authorization": f"PVEAPIToken=root@pam!t={secret}"}


@pytest.mark.parametrize(
    ("method", "path", "values", "needed"),
    [
        ("POST", "nodes/pve/status", {"command": "reboot"}, "/nodes/pve, Sys.PowerMgmt"),
        ("GET", "nodes/pve/status", {}, "/nodes/pve, Sys.Audit"),
        ("GET", "nodes/pve/hardware/pci", {}, "/, Sys.Audit|Sys.Modify"),
        ("POST", "nodes/pve/qemu/100/status/start", {}, "/vms/100, VM.PowerMgmt"),
        ("GET", "nodes/pve/qemu/100/config", {}, "/vms/100, VM.Audit"),
        ("DELETE", "nodes/pve/qemu/100", {}, "/vms/100, VM.Allocate"),
        ("POST", "nodes/pve/qemu/100/agent/ping", {}, "/vms/100, VM.Monitor"),
        ("GET", "nodes/pve/storage/local/content", {}, "/storage/local, Datastore.Audit|Datastore.AllocateSpace"),
    ],
)
def test_a_token_without_grants_is_refused(
    host: PracticeHost, method: str, path: str, values: dict[str, str], needed: str
) -> None:
    access = host.start()
    body = urllib.parse.urlencode(values).encode() if method == "POST" else None
    answer = send(access, method, f"/api2/json/{path}", {**FORM, **token(host, True)}, body)
    assert (answer.status, answer.reason) == (403, f"Permission check failed ({needed})")
    assert host.machine.up


def test_the_second_factor_is_asked_in_a_second_call(host: PracticeHost) -> None:
    access = host.start()
    host.machine.pve.users.codes["root@pam"] = "123456"
    login = {"username": "root@pam", "password": access.password}
    first = post(access, "access/ticket", login).body["data"]
    assert first["NeedTFA"] == 1
    assert first["ticket"].startswith("PVE:!tfa!")
    half = {"Cookie": f"PVEAuthCookie={urllib.parse.quote(first['ticket'])}"}
    assert send(access, "GET", "/api2/json/version", half).status == 401
    wrong = {**login, "tfa-challenge": first["ticket"], "password": "totp:000000"}
    assert post(access, "access/ticket", wrong).status == 401
    right = post(access, "access/ticket", {**wrong, "password": "totp:123456"}).body["data"]
    whole = {"Cookie": f"PVEAuthCookie={urllib.parse.quote(right['ticket'])}"}
    assert send(access, "GET", "/api2/json/version", whole).status == 200


def test_every_refused_login_takes_three_host_seconds(host: PracticeHost) -> None:
    access = host.start()
    began = time.monotonic()
    answer = post(access, "access/ticket", {"username": "root@pam", "password": "wrong"})
    assert (answer.status, answer.reason, answer.body) == (401, "authentication failure", {"data": None})
    assert time.monotonic() - began >= 3 / SPEED


@pytest.mark.parametrize(("host", "fits"), [("n100-pve82", False), ("n100-pve84", True)], indirect=["host"])
def test_the_limit_of_a_body_follows_the_release(host: PracticeHost, fits: bool) -> None:
    access = host.start()
    values = {"username": "root@pam", "password": access.password, "path": "x" * (100 << 10)}
    answer = post(access, "access/ticket", values)
    refused = (400, "Parameter verification failed.") if fits else (501, "for data too large")
    assert (answer.status, answer.reason) == refused


def test_chunks_are_refused(host: PracticeHost) -> None:
    access = host.start()
    context = ssl.create_default_context(cafile=str(access.ca))
    connection = http.client.HTTPSConnection(access.host, access.api_port, context=context, timeout=20)
    connection.request("POST", "/api2/json/access/ticket", iter([b"username=root"]), FORM, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, answer.reason) == (501, "chunked transfer encoding not supported")
    connection.close()


@pytest.mark.parametrize("host", ["n100-pve84"], indirect=True)
def test_from_8_4_on_the_text_is_in_the_body_too(host: PracticeHost) -> None:
    access = host.start()
    answer = send(access, "GET", "/api2/json/nodes/pve/qemu/999/config", token(host, False))
    text = "Configuration file 'nodes/pve/qemu-server/999.conf' does not exist"
    assert (answer.status, answer.reason, answer.body) == (500, text, {"data": None, "message": f"{text}\n"})


def test_a_worker_dies_with_the_host(host: PracticeHost) -> None:
    access = host.start()
    who = token(host, False)
    made = post(access, "nodes/pve/qemu", {"vmid": 100, "name": "a", "memory": 512}, who)
    await_end(access, who, made.body["data"])
    upid = post(access, "nodes/pve/qemu/100/status/start", {}, who).body["data"]
    assert post(access, "nodes/pve/status", {"command": "reboot"}, who).status == 200
    deadline = time.monotonic() + 20
    while host.machine.up and time.monotonic() < deadline:
        time.sleep(0.005)
    while send(access, "GET", "/api2/json/version", who).status != 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert await_end(access, who, upid) in ("OK", "unexpected status")
    assert host.machine.guests == {}


def await_end(access: Access, who: dict[str, str], upid: str) -> str:
    """The exit status of a task."""
    while True:
        answer = send(access, "GET", f"/api2/json/nodes/pve/tasks/{upid}/status", who)
        if answer.status == 200 and answer.body["data"]["status"] == "stopped":
            return str(answer.body["data"]["exitstatus"])
        time.sleep(0.02)
