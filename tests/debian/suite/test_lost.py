"""A connection that dies in the middle: the host's work goes on or is done again, and the application picks it up."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from guide.errors import ConnectionFailed, PlanChanged
from guide.events import ChangeFinished, ChangeStarted, Event, LogLine, Progress
from guide.session import Session
from guide.state import StepState
from tests.debian.suite.bench import Bench

BUILDS = "Generating /boot/initrd.img"

Moment = Callable[[Event], bool]


def cut_at(bench: Bench, session: Session, moment: Moment) -> None:
    """Break every connection at the first event that fits."""
    cut: list[Event] = []

    def listen(event: Event) -> None:
        bench.events.append(event)
        if not cut and moment(event):
            cut.append(event)
            bench.host.cut()

    session._voice.emit = listen


def begins(change: str) -> Moment:
    return lambda event: isinstance(event, ChangeStarted) and event.change.startswith(change)


def says(words: str) -> Moment:
    return lambda event: isinstance(event, LogLine) and words in event.text


@pytest.fixture
def started(bench: Bench) -> Session:
    session = bench.session()
    bench.walk(session, "cmdline")
    return session


@pytest.mark.parametrize("back", ["at once", "later"])
def test_during_update_initramfs(bench: Bench, started: Session, back: str) -> None:
    """The build goes on without us; whoever is back while it runs follows it, and nobody starts it twice."""
    cut_at(bench, started, says(BUILDS))
    with pytest.raises(ConnectionFailed):
        started.run("vfio", started.plan("vfio").digest)
    if back == "later":
        ended = bench.host.run("until ls /var/lib/pve-igpu/jobs/vfio-*.rc; do sleep 0.1; done", timeout=600)
        assert ended.rc == 0
    again = bench.session()
    try:
        bench.walk(again, "vfio")
    except PlanChanged:
        # The build ended between the look at the host and the run: nothing is left to do.
        bench.walk(again, "vfio")
    assert again.states["vfio"] is StepState.DONE
    jobs = [event for event in bench.events if isinstance(event, LogLine) and BUILDS in event.text]
    assert len(jobs) <= 2 if back == "at once" else len(jobs) == 1
    assert ".new" not in bench.host.run("ls /etc/modprobe.d").out


def test_during_the_restart(bench: Bench, started: Session) -> None:
    """Just as the restart begins: the application waits for the other boot all the same."""
    bench.walk(started, "vfio")
    boot = bench.host.read("/proc/sys/kernel/random/boot_id")
    cut_at(bench, started, begins("reboot"))
    try:
        started.run("reboot", started.plan("reboot").digest)
    except ConnectionFailed:
        started = bench.session()
        bench.walk(started, "reboot")
    assert started.states["reboot"] is StepState.DONE
    assert bench.host.read("/proc/sys/kernel/random/boot_id") != boot
    reboots = [entry for entry in started.journal.entries if entry.change == "reboot" and entry.phase == "end"]
    assert len(reboots) == 1


def test_during_an_upload(bench: Bench, started: Session) -> None:
    """Nothing half sent has the ISO's name; the second try sends it whole."""
    bench.walk(started, "reboot")
    windows = bench.folder / "answers" / "Windows_10_big.iso"
    windows.write_bytes(os.urandom(1 << 20) * 24)
    bench.choices = replace(bench.choices, windows_iso=replace(bench.choices.windows_iso, value=str(windows)))
    session = bench.session()
    session.survey()
    cut_at(bench, session, lambda event: isinstance(event, Progress) and 0 < event.done < (event.total or 0))
    with pytest.raises(ConnectionFailed):
        session.run("media", session.plan("media").digest)
    stored = f"/var/lib/vz/template/iso/{windows.name}"
    assert bench.host.run(f"ls {stored}").rc != 0
    again = bench.session()
    bench.walk(again, "media")
    assert bench.host.run(f"stat -c %s {stored}").out.strip() == str(windows.stat().st_size)
    done = [
        event for event in bench.events if isinstance(event, ChangeFinished) and event.change.endswith(windows.name)
    ]
    assert len(done) == 1
    last = bench.session()
    last.survey()
    last.undo("media")
    assert bench.host.run("ls /var/lib/vz/template/iso").out == ""
