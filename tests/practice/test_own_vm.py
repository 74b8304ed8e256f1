"""Whose VM is it? The number alone does not tell: creation, retry and undo go by the uuid that was chosen here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guide.errors import ConnectionLost, TaskFailed, UndoConflict
from guide.session import Session
from practice.sshd import run_on
from tests.practice.conftest import Bench

THEIRS = "qm create 100 --name family-photos --memory 512 --scsi0 local-lvm:4; qm start 100"
CONFIG = "/etc/pve/qemu-server/100.conf"


def run(bench: Bench, line: str) -> None:
    status, _, error = bench.host.call(run_on(bench.host.machine, line))
    assert status == 0, error


def fail_to_create(bench: Bench) -> Session:
    """No storage has room for such a disk."""
    session = bench.session(replace(bench.choices, vm=replace(bench.choices.vm, disk_gib=16_000)))
    with pytest.raises(TaskFailed):
        bench.walk(session, until="create")
    assert bench.host.machine.pve.vms.ids() == []
    return session


def lose_connection(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Session:
    """PVE has the call, its answer never arrives."""
    session = bench.session()
    bench.walk(session, until="media")
    task = session.host.api.wait_task

    def lost(upid: str, *args: object, **kwargs: object) -> str:
        task(upid)
        raise ConnectionLost(host="h", port="22")

    monkeypatch.setattr(session.host.api, "wait_task", lost)
    with pytest.raises(ConnectionLost):
        bench.walk(session, until="create")
    return session


def test_undo_of_a_failed_creation_leaves_the_vm_that_took_its_number(bench: Bench) -> None:
    before = bench.tree()
    session = fail_to_create(bench)
    run(bench, THEIRS)
    theirs = bench.fs.text(CONFIG)
    session.undo()
    assert bench.fs.text(CONFIG) == theirs
    assert bench.host.machine.pve.vms.running(100)
    assert session.undo_items() == ()
    run(bench, "qm stop 100; qm destroy 100")
    assert bench.tree() == before


def test_a_retry_after_a_failed_creation_takes_another_number(bench: Bench) -> None:
    fail_to_create(bench)
    run(bench, THEIRS)
    theirs = bench.fs.text(CONFIG)
    again = bench.session()
    bench.walk(again, until="create")
    assert again.view is not None
    assert again.view.memory["vmid"] == 101
    again.undo()
    assert bench.host.machine.pve.vms.ids() == [100]
    assert bench.fs.text(CONFIG) == theirs


def test_a_retry_under_the_chosen_number_does_not_adopt_a_foreign_vm(bench: Bench) -> None:
    fail_to_create(bench)
    run(bench, THEIRS)
    again = bench.session(replace(bench.choices, vm=replace(bench.choices.vm, vmid=100)))
    again.survey()
    assert "vmid" not in (again.view.memory if again.view else {})
    assert [blocker.key for blocker in again.blockers("create")] == ["blocker.vm-number-taken"]


def test_a_creation_whose_answer_was_lost_is_taken_up_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bench.tree()
    lose_connection(bench, monkeypatch)
    again = bench.session()
    bench.walk(again, until="create")
    assert again.view is not None
    assert again.view.memory["vmid"] == 100
    assert bench.host.machine.pve.vms.ids() == [100]
    again.undo()
    assert bench.tree() == before


def test_a_vm_that_replaced_ours_stops_the_undo(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the lost call made a VM is not known: that is said, and nothing is deleted."""
    session = lose_connection(bench, monkeypatch)
    run(bench, "qm destroy 100")
    run(bench, THEIRS)
    theirs = bench.fs.text(CONFIG)
    with pytest.raises(UndoConflict) as caught:
        session.undo()
    assert caught.value.params["what"] == "VM 100"
    assert bench.fs.text(CONFIG) == theirs
    assert bench.host.machine.pve.vms.running(100)


def test_where_the_vm_is_gone_undo_is_done(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="create")
    run(bench, "qm destroy 100")
    session.undo()
    assert session.undo_items() == ()
