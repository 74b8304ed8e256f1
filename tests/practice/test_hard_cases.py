"""What goes wrong in real life: no root, tokens, second factors, lost connections, cancelling, refused starts."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from guide.errors import Cancelled, ConnectionFailed, StepNotReady, TaskFailed
from guide.events import ChangeStarted, LogLine
from guide.journal import Journal, journal_path
from guide.session import Session
from guide.state import StepState
from practice.sshd import run_on
from ssh.connect import Secrets, connect
from ssh.errors import AuthenticationFailed, SecondFactorNeeded, SudoRefused
from ssh.host import SshHost
from ssh.profiles import Profile
from ssh.secret import Secret
from tests.practice.conftest import Bench


def profile(bench: Bench, **values: str) -> Profile:
    access = bench.access
    base = Profile(
        "p", "127.0.0.1", ssh_port=access.ssh_port, api_port=access.api_port, host_key=access.host_key, user="root"
    )
    return replace(base, **values)  # type: ignore[arg-type]


def open_host(bench: Bench, chosen: Profile, secrets: Secrets, code: str | None = None) -> SshHost:
    on_code = (lambda: Secret(code)) if code is not None else None
    host = connect(chosen, secrets, on_new_key=lambda question: False, on_code=on_code, is_practice=True)
    bench.connected.append(host)
    return host


def session_on(bench: Bench, host: SshHost) -> Session:
    return Session(host, bench.choices, Journal.open(journal_path(bench.folder, "x")), bench.events.append)


def root_token(bench: Bench) -> str:
    """A token of root without privilege separation: still not root@pam for args and raw devices."""

    async def create() -> str:
        made = bench.host.machine.pve.users.create_token("root@pam", "guide", False, "")
        return str(made["value"])

    return bench.host.call(create())


def test_a_user_with_sudo_and_a_token_does_the_whole_guide(bench: Bench) -> None:
    """args, raw hostpci and romfile are refused to every token; they go by `qm set` through sudo."""
    bench.host.machine.users["owner"] = "pass word"
    secrets = Secrets(password=Secret("pass word"), token_secret=Secret(root_token(bench)))
    host = open_host(bench, profile(bench, user="owner", api_token_id="root@pam!guide"), secrets)
    assert not host.api.is_root_ticket
    session = session_on(bench, host)
    bench.walk(session)
    assert set(session.states.values()) == {StepState.DONE}
    assert "hostpci0: 0000:00:02.0,legacy-igd=1" in bench.fs.text("/etc/pve/qemu-server/100.conf")
    shown = [event.text for event in bench.events if isinstance(event, LogLine)]
    assert not any("pass word" in line for line in shown)
    assert "pass word" not in session.journal.text


def test_without_sudo_the_guide_says_so_early(bench: Bench) -> None:
    bench.host.machine.users["owner"] = "other"
    host = open_host(bench, profile(bench, user="owner"), Secrets(password=Secret("other")))
    host.shell._password = Secret("wrong")
    with pytest.raises(SudoRefused):
        session_on(bench, host).survey()


def test_two_factor_login(bench: Bench) -> None:
    bench.host.machine.pve.users.codes["root@pam"] = "246810"
    secrets = Secrets(password=Secret(bench.access.password))
    assert open_host(bench, profile(bench), secrets, "246810").api.get("version")["release"] == "8.2"
    with pytest.raises(SecondFactorNeeded):
        open_host(bench, profile(bench), secrets, "000000").api.get("version")
    with pytest.raises(SecondFactorNeeded):
        open_host(bench, profile(bench), secrets).api.get("version")


def test_a_wrong_api_password_is_told_from_a_wrong_ssh_password(bench: Bench) -> None:
    wrong = Secrets(password=Secret(bench.access.password), api_password=Secret("nope"))
    with pytest.raises(AuthenticationFailed):
        open_host(bench, profile(bench), wrong).api.get("version")
    with pytest.raises(AuthenticationFailed):
        open_host(bench, profile(bench), Secrets(password=Secret("nope")))


def test_direct_api_mode_verifies_the_hosts_own_ca(bench: Bench) -> None:
    host = open_host(bench, profile(bench, api_mode="direct"), Secrets(password=Secret(bench.access.password)))
    assert host.api.get("nodes")[0]["node"] == "pve"


def test_a_connection_that_dies_during_a_change_is_picked_up(bench: Bench) -> None:
    before = bench.tree()
    session = bench.session()
    bench.walk(session, until="cmdline")
    server = bench.host.machine.listeners[0]
    session._voice.emit = cut_at("file:/etc/modprobe.d/vfio.conf:vfio", bench, server)
    with pytest.raises(ConnectionFailed):
        session.run("vfio", session.plan("vfio").digest)
    bench.host.call(server.coming_up())
    again = bench.session()
    bench.walk(again, until="vfio")
    assert again.states["vfio"] is StepState.DONE
    again.undo()
    assert bench.tree() == before


def cut_at(change: str, bench: Bench, server: object) -> object:
    """A listener that cuts every connection shortly after a change began."""

    def listen(event: object) -> None:
        bench.events.append(event)  # type: ignore[arg-type]
        if isinstance(event, LogLine) and "Generating" in event.text:
            bench.host.call(server.going_down())  # type: ignore[attr-defined]

    return listen


def test_cancel_stops_after_the_current_change(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="reboot")

    def listen(event: object) -> None:
        bench.events.append(event)  # type: ignore[arg-type]
        if isinstance(event, ChangeStarted):
            session.cancel()

    session._voice.emit = listen
    with pytest.raises(Cancelled):
        session.run("media", session.plan("media").digest)
    stored = [name for name in bench.fs.listdir("/var/lib/vz/template/iso") if name.endswith(".iso")]
    assert len(stored) <= 1
    assert not [name for name in bench.fs.listdir("/var/lib/vz/template/iso") if name.endswith(".new")]


def test_a_no_means_nothing_is_done(bench: Bench) -> None:
    session = bench.session(replace(bench.choices, display_goes_dark="no"))
    bench.walk(session, until="vfio")
    boot = bench.host.machine.boot_id
    with pytest.raises(StepNotReady):
        session.run("reboot", session.plan("reboot").digest)
    assert bench.host.machine.boot_id == boot


def test_a_foreign_vm_under_the_chosen_number_is_never_touched(bench: Bench) -> None:
    machine = bench.host.machine
    bench.host.call(run_on(machine, "qm create 100 --name theirs --memory 512"))
    theirs = bench.fs.text("/etc/pve/qemu-server/100.conf")
    session = bench.session(replace(bench.choices, vm=replace(bench.choices.vm, vmid=100)))
    with pytest.raises(StepNotReady):
        bench.walk(session)
    assert bench.fs.text("/etc/pve/qemu-server/100.conf") == theirs


def test_the_next_free_number_is_taken(bench: Bench) -> None:
    bench.host.call(run_on(bench.host.machine, "qm create 100 --name theirs --memory 512"))
    session = bench.session()
    bench.walk(session, until="create")
    assert bench.host.machine.pve.vms.ids() == [100, 101]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("qm set 100 --vga std", "legacy IGD assignment requires VGA mode to be 'none'"),
        ("qm set 100 --delete hostpci0", 'there is no device "hostpci0" defined'),
        ("rm /usr/share/kvm/n100.rom", 'failed to find romfile "/usr/share/kvm/n100.rom"'),
        ("qm set 100 --args '-set device.hostpci0.x-igd-lpc=on'", "Property 'vfio-pci.x-igd-lpc' not found"),
        ("qm set 100 --hostpci1 0000:00:0e.3", "no PCI device found for '0000:00:0e.3'"),
    ],
)
def test_the_vm_refuses_to_start_where_pve_or_qemu_would(bench: Bench, spoil: str, says: str) -> None:
    session = bench.session()
    bench.walk(session, until="configure")
    status, _, error = bench.host.call(run_on(bench.host.machine, spoil))
    assert status == 0, error
    host = bench.connect()
    upid = host.api.post("nodes/pve/qemu/100/status/start")
    with pytest.raises(TaskFailed) as caught:
        host.api.wait_task(str(upid))
    assert says in caught.value.detail
    assert not bench.host.machine.pve.vms.running(100)


def test_a_property_that_kvm_does_not_list_is_never_written(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="rom")
    view = session.view
    assert view is not None
    poor = replace(view.facts, vfio_properties=frozenset({"host", "romfile"}))
    blockers = session.step("configure").blockers(replace(view, facts=poor))
    assert [blocker.params["name"] for blocker in blockers] == ["addr", "x-igd-gms", "x-igd-opregion"]


def test_nothing_is_written_where_kvm_could_not_be_asked(bench: Bench) -> None:
    session = bench.session()
    bench.walk(session, until="rom")
    view = session.view
    assert view is not None
    mute = replace(view, facts=replace(view.facts, vfio_properties=None))
    assert [blocker.key for blocker in session.step("configure").blockers(mute)] == ["blocker.properties-unknown"]
    assert session.step("configure").changes(mute) == ()


def test_update_grub_forgotten_means_the_old_command_line(bench: Bench) -> None:
    machine = bench.host.machine
    edit = 'sed -i \'s/"quiet"/"quiet intel_iommu=on"/\' /etc/default/grub'
    bench.host.call(run_on(machine, edit))

    async def restart() -> None:
        machine.boot()

    bench.host.call(restart())
    assert "intel_iommu=on" not in machine.kernel.cmdline
    bench.host.call(run_on(machine, "update-grub"))
    bench.host.call(restart())
    assert "intel_iommu=on" in machine.kernel.cmdline


def test_flock_lets_one_after_the_other(bench: Bench) -> None:
    """As util-linux does, with the status of the command."""
    script = """cd /tmp
    flock -o . sh -c 'until [ -e go ]; do :; done; echo first; exit 3' & first=$!
    flock -o . echo second & second=$!
    : > go; wait $first; echo $?; wait $second; echo $?"""
    status, out, _ = bench.host.call(run_on(bench.host.machine, script))
    assert (status, sorted(out.split()), out.index("first") < out.index("second")) == (
        0,
        ["0", "3", "first", "second"],
        True,
    )


def test_ids_alone_do_not_bind_before_the_native_driver(bench: Bench) -> None:
    """Measured on a real Debian host; the guide's two edits leave i915 in charge until the VM starts."""
    machine = bench.host.machine
    script = "echo 'options vfio-pci ids=8086:46d1,8086:54c8' > /etc/modprobe.d/vfio.conf; update-initramfs -u -k all"
    bench.host.call(run_on(machine, script))

    async def restart() -> None:
        machine.boot()

    bench.host.call(restart())
    assert machine.kernel.drivers["0000:00:02.0"] == "i915"


def test_starting_and_stopping_leaves_no_thread_and_no_folder(tmp_path: object) -> None:
    from practice.host import PracticeHost

    host = PracticeHost("n100-pve82")
    access = host.start()
    folder = access.answers.parent
    assert folder.exists()
    host.stop()
    assert not folder.exists()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("practice host")]
