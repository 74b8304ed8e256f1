"""Jobs: they outlive the connection, and nobody starts them twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssh.errors import Cancelled, CommandFailed, CommandTimeout, ConnectionLost
from ssh.host import SshHost
from ssh.jobs import names
from ssh.result import CancelToken
from tests.unit.ssh.conftest import Connect
from tests.unit.ssh.loopback import Loopback

COUNTED = 'echo started >> "$1/starts"; echo first; until [ -e "$1/go" ]; do sleep 0.02; done; echo last'
"""Says `first`, waits until it may go on, says `last`; every start leaves a line."""


def counted(folder: Path) -> list[str]:
    return ["sh", "-c", COUNTED, "sh", str(folder)]


def starts(folder: Path) -> int:
    return (folder / "starts").read_text().count("started")


def test_lines_and_status_come_back_and_nothing_stays(host: SshHost, jobs_folder: Path) -> None:
    seen: list[tuple[str, str]] = []
    text = 'printf "%s\\n" "$@"; echo on stderr >&2'
    result = host.run_job(
        "Update GRUB!", ["sh", "-c", text, "sh", "it's", "a b"], on_line=lambda *line: seen.append(line)
    )
    assert (result.status, result.stdout) == (0, "it's\na b\non stderr\n")
    assert seen == [("stdout", "it's"), ("stdout", "a b"), ("stdout", "on stderr")]
    assert list(jobs_folder.iterdir()) == []
    assert jobs_folder.stat().st_mode & 0o777 == 0o700


def test_a_job_that_fails_says_so(host: SshHost, jobs_folder: Path) -> None:
    with pytest.raises(CommandFailed) as caught:
        host.run_job("update-initramfs", ["sh", "-c", "echo no space left; exit 4"])
    assert (caught.value.params["status"], caught.value.detail) == ("4", "no space left")
    assert list(jobs_folder.iterdir()) == []


def test_a_program_that_is_not_there(host: SshHost) -> None:
    with pytest.raises(CommandFailed) as caught:
        host.run_job("x", ["no-such-program"])
    assert caught.value.params["status"] == "127"


def test_every_byte_of_the_log_comes_once(host: SshHost, tmp_path: Path) -> None:
    """Bytes that are no text, and a character in two halves with a look at the log in between."""
    go = tmp_path / "go"
    text = 'printf "a\\377\\376b\\n"; printf "\\346\\240"; echo; printf "half \\346\\240" ; '
    text += 'until [ -e "$1" ]; do sleep 0.02; done; printf "\\270\\n"'
    seen: list[str] = []

    def sink(stream: str, line: str) -> None:
        seen.append(line)
        go.touch()

    host.run_job("bytes", ["sh", "-c", text, "sh", str(go)], on_line=sink)
    assert seen == ["a��b", "�", "half 核"]


def test_a_long_log_comes_whole(host: SshHost) -> None:
    result = host.run_job("long", ["seq", "200000"])
    assert result.stdout == "".join(f"{number}\n" for number in range(1, 200_001))


def test_a_lost_connection_does_not_end_a_job(open_host: Connect, loopback: Loopback, tmp_path: Path) -> None:
    host = open_host()
    with pytest.raises(ConnectionLost):
        host.run_job("grub", counted(tmp_path), on_line=lambda *line: loopback.drop())
    host.reconnect()
    seen: list[str] = []

    def sink(stream: str, line: str) -> None:
        seen.append(line)
        (tmp_path / "go").touch()

    assert host.run_job("grub", counted(tmp_path), on_line=sink, timeout=30).status == 0
    assert seen == ["first", "last"]
    assert starts(tmp_path) == 1


def test_cancel_and_time_out_only_stop_the_watching(host: SshHost, tmp_path: Path) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        host.run_job("grub", counted(tmp_path), on_line=lambda *line: cancel.cancel(), cancel=cancel)
    with pytest.raises(CommandTimeout):
        host.run_job("grub", counted(tmp_path), timeout=0)

    def sink(stream: str, line: str) -> None:
        (tmp_path / "go").touch()

    assert host.run_job("grub", counted(tmp_path), on_line=sink).stdout == "first\nlast\n"
    assert starts(tmp_path) == 1


def test_a_finished_job_that_nobody_read_runs_again(host: SshHost, tmp_path: Path, jobs_folder: Path) -> None:
    """Its result may be older than the file that was written in between."""
    (tmp_path / "go").touch()
    _, name = names("grub", counted(tmp_path), "")
    jobs_folder.mkdir()
    (jobs_folder / f"{name}.rc").write_text("5\n")
    (jobs_folder / f"{name}.log").write_text("old\n")
    assert host.run_job("grub", counted(tmp_path)).stdout == "first\nlast\n"


def test_a_killed_job_is_noticed(host: SshHost) -> None:
    with pytest.raises(CommandFailed) as caught:
        host.run_job("grub", ["sh", "-c", "echo before; kill -9 $PPID; exec sleep 30 > /dev/null"], timeout=20)
    assert (caught.value.params["status"], caught.value.detail) == ("255", "before")


def test_a_process_of_another_boot_is_not_our_job(host: SshHost, tmp_path: Path, jobs_folder: Path) -> None:
    """After a restart of the host the same process number belongs to somebody else."""
    (tmp_path / "go").touch()
    _, name = names("grub", counted(tmp_path), "")
    jobs_folder.mkdir()
    (jobs_folder / f"{name}.pid").write_text("1 11111111-2222-3333-4444-555555555555\n")
    assert host.run_job("grub", counted(tmp_path), timeout=20).stdout == "first\nlast\n"


@pytest.mark.parametrize(("job", "of"), [("vfio", "new text"), ("undo-vfio", "old text")])
def test_a_job_on_other_content_waits_and_runs(host: SshHost, tmp_path: Path, job: str, of: str) -> None:
    """The first one has read the old file already; a second one beside it would write into the same initrd."""
    cancel, argv = CancelToken(), ["sh", "-c", 'cat "$1/go"; echo then', "sh", str(tmp_path)]
    with pytest.raises(Cancelled):
        host.run_job("vfio", counted(tmp_path), of="old text", on_line=lambda *line: cancel.cancel(), cancel=cancel)
    with pytest.raises(CommandTimeout):
        host.run_job(job, argv, of=of, timeout=0)
    (tmp_path / "go").write_text("first has ended\n")
    assert host.run_job(job, argv, of=of, timeout=20).stdout == "first has ended\nthen\n"
    assert starts(tmp_path) == 1


def test_the_same_command_on_other_content_is_another_job(host: SshHost, tmp_path: Path) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        host.run_job("vfio", counted(tmp_path), of="old text", on_line=lambda *line: cancel.cancel(), cancel=cancel)
    with pytest.raises(CommandTimeout):
        host.run_job("vfio", counted(tmp_path), of="new text", timeout=0)
    assert starts(tmp_path) == 1
    (tmp_path / "go").touch()
    assert host.run_job("vfio", counted(tmp_path), of="new text", timeout=20).stdout == "first\nlast\n"
    assert starts(tmp_path) > 1


def test_what_nobody_collected_goes_with_the_next_job_of_its_kind(
    host: SshHost, tmp_path: Path, jobs_folder: Path
) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        host.run_job("vfio", counted(tmp_path), on_line=lambda *line: cancel.cancel(), cancel=cancel)
    for job in ("vfio-0123456789ab", "undo-vfio-0123456789ab"):
        for suffix, text in (("pid", "1 another-boot\n"), ("rc", "0\n"), ("log", "old\n")):
            (jobs_folder / f"{job}.{suffix}").write_text(text)
    with pytest.raises(CommandTimeout):
        host.run_job("vfio", ["true"], timeout=0)
    left = {path.stem for path in jobs_folder.iterdir()}
    assert left == {"undo-vfio-0123456789ab", names("vfio", counted(tmp_path), "")[1], names("vfio", ["true"], "")[1]}
    (tmp_path / "go").touch()
    host.run_job("vfio", ["true"], timeout=20)
    host.run_job("vfio", ["true", "again"], timeout=20)
    assert {path.stem for path in jobs_folder.iterdir()} == {"undo-vfio-0123456789ab"}
