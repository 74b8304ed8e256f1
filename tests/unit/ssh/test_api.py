"""The API: nobody but the host's own certificate, a login in two steps, PVE's words in every refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ssh import login, trust
from ssh.api import ProxmoxApi
from ssh.connect import Secrets
from ssh.errors import (
    ApiLoginRefused,
    ApiRefused,
    Cancelled,
    CommandTimeout,
    ConnectionFailed,
    ConnectionLost,
    SecondFactorNeeded,
    TaskFailed,
    TlsNotVerified,
)
from ssh.result import CancelToken
from ssh.secret import Secret
from tests.unit.ssh.conftest import Connect
from tests.unit.ssh.loopback import Loopback
from tests.unit.ssh.pveproxy import Answer, PveProxy, Sent

CASES = sorted((Path(__file__).parent / "cases/api_errors").glob("*.json"))
TICKET = {"ticket": "PVE:root@pam:65::abc+/=", "CSRFPreventionToken": "65:csrf"}
HALF = {"ticket": "PVE:!tfa!%7B%22totp%22%3Atrue%7D:65::half", "NeedTFA": 1, "CSRFPreventionToken": "65:first"}
UPID = "UPID:pve:0001:0002:65:qmstart:100:root@pam:"
SECRETS = Secrets(password=Secret("correct horse"), token_secret=Secret("0000-token-secret"))
HIDDEN = ("correct horse", "0000-token-secret", "abc+/=", "123456")

OpenApi = Callable[..., ProxmoxApi]


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PveProxy]:
    """Serves the certificate that stands where PVE keeps it."""
    folder = tmp_path / "pve"
    folder.mkdir()
    server = PveProxy(folder, {"POST access/ticket": [Answer(TICKET)], "GET version": [Answer({"version": "8.2.4"})]})
    monkeypatch.setattr(trust, "CERTIFICATES", (str(folder / "pveproxy-ssl.pem"), str(folder / "pve-ssl.pem")))
    server.serve(server.certificate("pve-ssl"))
    yield server
    server.stop()


@pytest.fixture(params=["tunnel", "direct"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_api(open_host: Connect, proxy: PveProxy, caplog: pytest.LogCaptureFixture) -> Iterator[OpenApi]:
    """The API of a new host; afterwards no secret stands in any log."""
    caplog.set_level("DEBUG")

    def make(api_mode: str = "tunnel", secrets: Secrets = SECRETS, **fields: Any) -> ProxmoxApi:
        return open_host(secrets, api_mode=api_mode, api_port=proxy.port, **fields).api

    yield make
    assert [secret for secret in HIDDEN if secret in caplog.text] == []


def test_a_password_becomes_a_ticket(open_api: OpenApi, proxy: PveProxy, mode: str) -> None:
    api = open_api(mode)
    assert api.get("version") == {"version": "8.2.4"}
    assert api.get("version", full=True, skip=None) == {"version": "8.2.4"}
    ticket, first, second = proxy.sent
    assert ticket.fields == {"username": ["root@pam"], "password": ["correct horse"]}
    assert first.headers["Cookie"] == f"PVEAuthCookie={TICKET['ticket']}"
    assert "CSRFPreventionToken" not in first.headers
    assert second.fields == {"full": ["1"]}
    assert api.is_root_ticket


@pytest.mark.parametrize("verb", ["post", "put", "delete"])
def test_writing_carries_the_csrf_token(open_api: OpenApi, proxy: PveProxy, verb: str) -> None:
    proxy.routes[f"{verb.upper()} nodes/pve/qemu/100/config"] = [Answer(None)]
    assert getattr(open_api(), verb)("nodes/pve/qemu/100/config", args="-x", list=["a", "b"]) is None
    assert proxy.sent[-1].headers["CSRFPreventionToken"] == TICKET["CSRFPreventionToken"]
    assert proxy.sent[-1].fields == {"args": ["-x"], "list": ["a", "b"]}


def test_a_token_needs_no_login(open_api: OpenApi, proxy: PveProxy, mode: str) -> None:
    api = open_api(mode, api_token_id="root@pam!app")
    api.get("version")
    assert proxy.sent[0].headers["Authorization"] == "PVEAPIToken=root@pam!app=0000-token-secret"
    assert proxy.paths() == ["GET version"]
    assert not api.is_root_ticket


def test_a_second_factor_is_the_second_step(open_api: OpenApi, proxy: PveProxy) -> None:
    proxy.routes["POST access/ticket"] = [Answer(HALF), Answer(TICKET)]
    open_api(on_code=lambda: Secret("123456")).get("version")
    assert proxy.sent[1].fields == {
        "username": ["root@pam"],
        "password": ["totp:123456"],
        "tfa-challenge": [HALF["ticket"]],
    }
    assert proxy.sent[2].headers["Cookie"] == f"PVEAuthCookie={TICKET['ticket']}"


def test_without_a_code_none_is_spent(open_api: OpenApi, proxy: PveProxy) -> None:
    """PVE locks a second factor after too many wrong ones (facts: pve.md 3.2)."""
    proxy.routes["POST access/ticket"] = [Answer(HALF)]
    with pytest.raises(SecondFactorNeeded):
        open_api(on_code=lambda: Secret("")).get("version")
    assert proxy.paths() == ["POST access/ticket"]


@pytest.mark.parametrize("on_code", [None, lambda: Secret("123456")])
def test_without_a_good_code_there_is_no_login(open_api: OpenApi, proxy: PveProxy, on_code: Any) -> None:
    proxy.routes["POST access/ticket"] = [Answer(HALF), Answer(status=401, reason="authentication failure")]
    with pytest.raises(SecondFactorNeeded) as caught:
        open_api(on_code=on_code).get("version")
    assert caught.value.params["user"] == "root@pam"
    assert "123456" not in str(caught.value)


def test_a_refused_login_is_not_repeated(open_api: OpenApi, proxy: PveProxy) -> None:
    proxy.routes["POST access/ticket"] = [Answer(status=401, reason="authentication failure", body="")]
    with pytest.raises(ApiLoginRefused) as caught:
        open_api().get("version")
    assert caught.value.params == {"host": "127.0.0.1", "user": "root@pam"}
    assert [secret for secret in HIDDEN if secret in str(caught.value)] == []
    assert proxy.paths() == ["POST access/ticket"]


def test_a_refused_password_is_asked_anew_by_the_next_call(open_api: OpenApi, proxy: PveProxy) -> None:
    refused = Answer(status=401, reason="authentication failure", body="")
    proxy.routes["POST access/ticket"] = [refused, Answer(TICKET)]
    asked: list[str] = []

    def ask(user: str) -> Secret:
        asked.append(user)
        return Secret("the right one")

    api = open_api(on_password=ask)
    with pytest.raises(ApiLoginRefused):
        api.get("version")
    assert asked == []
    assert api.get("version") == {"version": "8.2.4"}
    assert asked == ["root@pam"]
    assert proxy.sent[1].fields == {"username": ["root@pam"], "password": ["the right one"]}


@pytest.mark.parametrize("on_password", [None, lambda user: Secret("")])
def test_an_empty_password_is_never_sent(
    open_api: OpenApi, loopback: Loopback, proxy: PveProxy, tmp_path: Path, on_password: Any
) -> None:
    loopback.ways = {"key"}
    key = asyncssh.generate_private_key("ssh-ed25519")
    loopback.authorized.append(key.export_public_key("openssh").decode().split()[1])
    key.write_private_key(tmp_path / "id")
    api = open_api(secrets=Secrets(), auth="key", key_file=str(tmp_path / "id"), on_password=on_password)
    with pytest.raises(ApiLoginRefused) as caught:
        api.get("version")
    assert caught.value.params == {"host": "127.0.0.1", "user": "root@pam"}
    assert proxy.sent == []


def test_an_expired_ticket_is_fetched_anew(open_api: OpenApi, proxy: PveProxy) -> None:
    refused = Answer(status=401, reason="permission denied - invalid PVE ticket", body="")
    proxy.routes["POST nodes/pve/qemu"] = [refused, Answer(UPID)]
    assert open_api().post("nodes/pve/qemu", vmid=100) == UPID
    assert proxy.paths() == ["POST access/ticket", "POST nodes/pve/qemu"] * 2


def test_a_token_that_is_refused_says_so(open_api: OpenApi, proxy: PveProxy) -> None:
    proxy.routes["GET version"] = [Answer(status=401, reason="invalid token value!", body="")]
    with pytest.raises(ApiLoginRefused) as caught:
        open_api(api_token_id="root@pam!app").get("version")
    assert (caught.value.detail, caught.value.params["user"]) == ("invalid token value!", "root@pam!app")


def test_a_ticket_is_renewed_by_itself(open_api: OpenApi, proxy: PveProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    api = open_api()
    api.get("version")
    monkeypatch.setattr(login, "RENEW_AFTER", -1.0)
    api.get("version")
    assert proxy.sent[2].fields == {"username": ["root@pam"], "password": [TICKET["ticket"]]}
    assert proxy.paths() == ["POST access/ticket", "GET version"] * 2


def test_another_certificate_gets_nothing(open_api: OpenApi, proxy: PveProxy, mode: str) -> None:
    proxy.certificate("pve-ssl")
    with pytest.raises(TlsNotVerified) as caught:
        open_api(mode).get("version")
    assert caught.value.params == {"host": "127.0.0.1"}
    assert proxy.sent == []


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n"])
def test_without_a_certificate_nothing_is_sent(open_api: OpenApi, proxy: PveProxy, content: bytes | None) -> None:
    path = proxy.folder / "pve-ssl.pem"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TlsNotVerified):
        open_api().get("version")
    assert proxy.sent == []


def test_an_installed_certificate_is_the_one_that_counts(open_api: OpenApi, proxy: PveProxy, mode: str) -> None:
    proxy.stop()
    proxy.serve(proxy.certificate("pveproxy-ssl"))
    assert open_api(mode).get("version") == {"version": "8.2.4"}


def test_a_renewed_certificate_is_read_again(open_api: OpenApi, proxy: PveProxy, mode: str) -> None:
    api = open_api(mode)
    api.get("version")
    proxy.stop()
    proxy.serve(proxy.certificate("pve-ssl"))
    assert api.get("version") == {"version": "8.2.4"}


def test_the_certificates_file_is_ours_and_goes_away(
    open_api: OpenApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    api = open_api()
    api.get("version")
    (file,) = place.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "PRIVATE KEY" not in file.read_text()
    api.close()
    assert list(place.iterdir()) == []
    assert api.get("version") == {"version": "8.2.4"}


def test_a_proxy_of_the_workstation_is_not_asked(open_api: OpenApi, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert open_api(mode).get("version") == {"version": "8.2.4"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_refusal_quotes_pve(open_api: OpenApi, proxy: PveProxy, case: Path) -> None:
    wanted = json.loads(case.read_text(encoding="utf-8"))
    proxy.routes["PUT nodes/pve/qemu/100/config"] = [
        Answer(status=wanted["status"], reason=wanted["reason"], body=wanted["body"])
    ]
    with pytest.raises(ApiRefused) as caught:
        open_api().put("nodes/pve/qemu/100/config", args="x")
    assert caught.value.detail == wanted["detail"]
    assert caught.value.params == {
        "method": "PUT",
        "path": "nodes/pve/qemu/100/config",
        "status": str(wanted["status"]),
    }


def test_reading_is_repeated_after_a_lost_connection(open_api: OpenApi, proxy: PveProxy, mode: str) -> None:
    proxy.routes["GET nodes"] = [Answer(cut=True), Answer([{"node": "pve"}])]
    assert open_api(mode).get("nodes") == [{"node": "pve"}]


def test_writing_is_not(open_api: OpenApi, proxy: PveProxy, mode: str) -> None:
    proxy.routes["POST nodes/pve/qemu"] = [Answer(cut=True), Answer(UPID)]
    with pytest.raises(ConnectionLost):
        open_api(mode).post("nodes/pve/qemu", vmid=100)
    assert proxy.paths().count("POST nodes/pve/qemu") == 1


def test_after_a_restart_of_the_host_it_goes_on(open_host: Connect, proxy: PveProxy, loopback: Loopback) -> None:
    host = open_host(SECRETS, api_port=proxy.port)
    host.api.get("version")
    proxy.stop()
    loopback.stop()
    with pytest.raises(ConnectionFailed):
        host.api.get("version")
    loopback.start()
    host.reconnect()
    with pytest.raises(ConnectionFailed):
        host.api.get("version")
    proxy.serve(proxy.folder / "pve-ssl.pem")
    assert host.api.get("version") == {"version": "8.2.4"}


def test_the_node_is_the_host_name_without_a_domain(open_api: OpenApi, loopback: Loopback) -> None:
    program = loopback.folder / "bin/hostname"
    program.write_text("#!/bin/sh\necho pve.example.org\n")
    program.chmod(0o755)
    assert open_api().node == "pve"
    assert open_api(node="other").node == "other"


def running(proxy: PveProxy, log: list[str], exitstatus: str, looks: int = 2) -> None:
    """A task that ends at the given look, with a log that grows to its end."""
    base = f"nodes/pve/tasks/{UPID}"
    going = Answer({"status": "running", "type": "qmstart"})
    ended = Answer({"status": "stopped", "type": "qmstart", "exitstatus": exitstatus})
    proxy.routes[f"GET {base}/status"] = [*[going] * (looks - 1), ended]

    def lines(sent: Sent) -> Answer:
        start, limit = int(sent.fields["start"][0]), int(sent.fields["limit"][0])
        seen = proxy.paths().count(f"GET {base}/status")
        known = log if seen >= looks else log[: len(log) // 2]
        found = [{"n": at + 1, "t": known[at]} for at in range(start, min(start + limit, len(known)))]
        return Answer(found or [{"n": 1, "t": "no content"}])

    proxy.routes[f"GET {base}/log"] = lines


@pytest.mark.parametrize("exitstatus", ["OK", "WARNINGS: 2"])
@pytest.mark.parametrize("length", [0, 3, 1000, 1700])
def test_a_task_is_followed_to_its_end(open_api: OpenApi, proxy: PveProxy, exitstatus: str, length: int) -> None:
    log = [f"line {number}" for number in range(length)]
    running(proxy, log, exitstatus)
    seen: list[tuple[str, str]] = []
    api = open_api(node="pve")
    assert api.wait_task(UPID, lambda stream, line: seen.append((stream, line))) == exitstatus
    assert seen == [("task", line) for line in log]


def test_a_failed_task_quotes_its_last_lines(open_api: OpenApi, proxy: PveProxy) -> None:
    running(proxy, [f"line {number}" for number in range(20)], "start failed: QEMU exited with code 1")
    with pytest.raises(TaskFailed) as caught:
        open_api(node="pve").wait_task(UPID)
    assert caught.value.detail.splitlines() == [
        *(f"line {number}" for number in range(14, 20)),
        "start failed: QEMU exited with code 1",
    ]
    assert caught.value.params == {"upid": UPID, "kind": "qmstart"}


def test_a_task_that_nobody_knows(open_api: OpenApi, proxy: PveProxy) -> None:
    proxy.routes[f"GET nodes/pve/tasks/{UPID}/status"] = [Answer(status=400, reason="no such task", body="")]
    with pytest.raises(ApiRefused) as caught:
        open_api(node="pve").wait_task(UPID)
    assert caught.value.detail == "no such task"


def test_a_log_that_is_no_list_is_no_log(open_api: OpenApi, proxy: PveProxy) -> None:
    running(proxy, [], "OK", looks=1)
    proxy.routes[f"GET nodes/pve/tasks/{UPID}/log"] = [Answer({"errors": "unable to open file"})]
    assert open_api(node="pve").wait_task(UPID, lambda stream, line: pytest.fail(line)) == "OK"


def test_waiting_ends_by_cancel_and_by_time(open_api: OpenApi, proxy: PveProxy) -> None:
    running(proxy, ["line"], "OK", looks=1000)
    api, cancel = open_api(node="pve"), CancelToken()
    with pytest.raises(CommandTimeout):
        api.wait_task(UPID, timeout=0)
    cancel.cancel()
    with pytest.raises(Cancelled):
        api.wait_task(UPID, cancel=cancel)
