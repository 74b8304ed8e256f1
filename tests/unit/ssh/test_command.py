"""Commands: exact arguments, exact streams, honest ends."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from ssh import exchange
from ssh.connect import Secrets
from ssh.errors import Cancelled, CommandFailed, CommandTimeout, ConnectionFailed, ConnectionLost, SudoRefused
from ssh.exchange import KILLED
from ssh.host import SshHost
from ssh.result import CancelToken
from ssh.secret import Secret
from tests.unit.ssh.conftest import Connect
from tests.unit.ssh.loopback import Loopback

ODD = ["a b", "it's", '"$HOME"', "`id`", "back\\slash\\\\", "two\nlines", "*", "核显", "", "-n", "!x", "~"]


def test_streams_and_status_are_told_apart(host: SshHost) -> None:
    result = host.script("echo out; echo err >&2; exit 7")
    assert (result.status, result.stdout, result.stderr) == (7, "out\n", "err\n")


def test_arguments_arrive_as_they_are(host: SshHost) -> None:
    assert host.run(["printf", "%s|", *ODD]).stdout == "".join(f"{word}|" for word in ODD)
    assert host.script('printf "%s|" "$@"', ODD).stdout == "".join(f"{word}|" for word in ODD)


def test_a_failed_command_raises_with_its_own_words(host: SshHost) -> None:
    with pytest.raises(CommandFailed) as caught:
        host.run(["ls", "/no such folder"])
    assert caught.value.params == {"command": "ls '/no such folder'", "status": "2"}
    assert "No such file or directory" in caught.value.detail
    assert host.run(["false"], check=False).status == 1


def test_messages_are_english(host: SshHost) -> None:
    assert host.run(["printenv", "LC_ALL"]).stdout == "C\n"


def test_input_arrives_byte_for_byte(host: SshHost) -> None:
    data = bytes(range(256)) * 4000
    assert host.run(["sha256sum"], stdin=data).stdout.split()[0] == hashlib.sha256(data).hexdigest()


def test_input_that_nobody_reads_is_no_error(host: SshHost) -> None:
    assert host.run(["true"], stdin=b"x" * 5_000_000).status == 0


def test_megabytes_on_both_streams_do_not_block_each_other(host: SshHost) -> None:
    size = 3_000_000
    text = f"head -c {size} /dev/zero | tr '\\0' e >&2; head -c {size} /dev/zero | tr '\\0' o"
    result = host.script(text, timeout=30)
    assert (result.stdout.count("o"), result.stderr.count("e")) == (size, size)


def test_lines_come_while_the_command_runs(host: SshHost, tmp_path: Path) -> None:
    go = tmp_path / "go"
    seen: list[tuple[str, str]] = []

    def sink(stream: str, line: str) -> None:
        seen.append((stream, line))
        go.touch()

    text = 'echo ready; while [ ! -e "$1" ]; do sleep 0.02; done; echo late >&2; printf "no end"'
    host.run(["sh", "-c", text, "sh", str(go)], on_line=sink, timeout=20)
    assert seen == [("stdout", "ready"), ("stderr", "late"), ("stdout", "no end")] or seen == [
        ("stdout", "ready"),
        ("stdout", "no end"),
        ("stderr", "late"),
    ]


def test_what_a_listener_raises_comes_out(host: SshHost) -> None:
    def sink(stream: str, line: str) -> None:
        raise LookupError(line)

    with pytest.raises(LookupError, match="boom"):
        host.run(["sh", "-c", "echo boom >&2"], on_line=sink)
    assert host.run(["echo", "on"]).stdout == "on\n"


def test_a_silent_command_times_out(host: SshHost) -> None:
    with pytest.raises(CommandTimeout) as caught:
        host.run(["sleep", "20"], timeout=0.4)
    assert caught.value.params["command"] == "sleep 20"


def test_a_chatty_command_times_out_too(host: SshHost) -> None:
    with pytest.raises(CommandTimeout):
        host.run(["yes"], timeout=0.5)
    assert host.run(["echo", "on"]).stdout == "on\n"


def test_cancel_stops_a_chatty_command(host: SshHost) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        host.run(["yes"], on_line=lambda stream, line: cancel.cancel(), cancel=cancel, timeout=20)


def test_the_status_is_awaited_after_both_streams_ended(host: SshHost) -> None:
    assert host.script("exec >&- 2>&-; sleep 0.3; exit 3").status == 3


def test_a_killed_command_is_no_lost_connection(host: SshHost) -> None:
    assert host.script("kill -9 $$").status == KILLED
    assert host.run(["echo", "on"]).stdout == "on\n"


def test_a_lost_connection_is_one(open_host: Connect, loopback: Loopback) -> None:
    host = open_host()

    def sink(stream: str, line: str) -> None:
        loopback.drop()

    with pytest.raises(ConnectionLost) as caught:
        host.run(["sh", "-c", "echo ready; sleep 1"], on_line=sink)
    assert caught.value.params["host"] == "127.0.0.1"
    with pytest.raises(ConnectionLost):
        host.run(["true"])


def test_a_host_that_hangs_is_a_lost_connection(
    open_host: Connect, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "START_TIMEOUT", 0.3)
    host = open_host()
    host.run(["true"])
    with loopback.frozen():
        with pytest.raises(ConnectionLost, match="does not answer"):
            host.run(["true"])
        with pytest.raises(ConnectionFailed):
            host.reconnect(timeout=0.3)
    host.reconnect()
    assert host.run(["echo", "on"]).stdout == "on\n"


def test_waiting_for_a_host_that_hangs_can_be_cancelled(open_host: Connect, loopback: Loopback) -> None:
    cancel, host = CancelToken(), open_host()
    host.run(["true"])
    with loopback.frozen():
        threading.Timer(0.3, cancel.cancel).start()
        with pytest.raises(Cancelled):
            host.run(["true"], cancel=cancel)


NOISE = ["echo welcome", "echo oops >&2", "printf 'no line end'", "set -x", "head -c 100000 /dev/zero"]


@pytest.mark.parametrize("noise", NOISE)
def test_what_the_login_prints_is_not_the_commands(noise: str, open_host: Connect, loopback: Loopback) -> None:
    loopback.noise = noise
    result = open_host().script("echo out; echo err >&2")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")


def test_a_login_that_is_refused_explains_itself(open_host: Connect, loopback: Loopback) -> None:
    loopback.noise = "echo This account is currently not available.; exit 1"
    with pytest.raises(CommandFailed) as caught:
        open_host().run(["true"])
    assert caught.value.detail == "This account is currently not available."


def test_sudo_without_a_password(open_host: Connect, loopback: Loopback) -> None:
    assert open_host(user="admin").run(["cat"], stdin=b"data").stdout == "data"
    assert loopback.sudo_log.splitlines()[0].startswith("-n -- ")


def test_sudo_gets_the_password_on_its_input_only(open_host: Connect, loopback: Loopback) -> None:
    loopback.sudo_password = loopback.passwords["admin"]
    host = open_host(user="admin")
    assert host.run(["cat"], stdin=b"battery staple\n").stdout == "battery staple\n"
    assert host.run(["echo", "quiet"]).stderr == ""
    assert loopback.passwords["admin"] not in loopback.sudo_log


def test_sudo_that_refuses(open_host: Connect, loopback: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    loopback.sudo_password = "another"
    with pytest.raises(SudoRefused) as caught:
        open_host(user="admin").run(["true"])
    assert caught.value.params == {"user": "admin"}
    assert loopback.passwords["admin"] not in caplog.text + str(caught.value)


def test_sudo_without_a_known_password_is_refused(open_host: Connect, loopback: Loopback) -> None:
    loopback.sudo_password = "wanted"
    loopback.passwords["admin"] = ""
    with pytest.raises(SudoRefused):
        open_host(Secrets(password=Secret("")), user="admin").run(["true"])
