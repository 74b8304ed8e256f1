"""The first process of a light host, in namespaces of its own: mounts, boots, serves, restarts.

    python -m tests.debian.light.init FOLDER LOWER STATE CONTROL

LOWER are the layers of the root file system, FOLDER holds upper/, work/, root/ (where they meet) and made/ (what is
generated). CONTROL is the descriptor over which accepted SSH connections come; "": only prepare what the first boot
needs. "ready" on standard output: the host answers. Ends with RESTART when the host asked for a restart, with 0 when
CONTROL is closed.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.debian.inside.install import install
from tests.debian.light import kernel, setup
from tests.debian.states import scenario
from tests.debian.tier import State

RESTART = 42
SOCKET = "run/pve-stand-ins.socket"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def main(folder: Path, lower: str, state: State, control: socket.socket | None) -> int:
    os.environ.clear()
    os.environ.update({"PATH": PATH, "HOME": "/root", "LC_ALL": "C"})
    root, made = folder / "root", folder / "made"
    mount_root(folder, lower, root)
    if control is None:
        install(root, state)
        setup.prepare(root, scenario(state).get("files", {}))
        return 0
    booted = kernel.start(scenario(state), root, made)
    mount_kernel(root, made)
    (root / "run/booted-kernel").write_text(f"{booted.release}\n")
    (root / "run/kernel-log").write_text("".join(f"[    0.000000] {line}\n" for line in booted.dmesg))
    network()
    os.mkfifo(root / "run/initctl")
    with (folder / "daemon.log").open("ab") as log:
        words = ["chroot", str(root), "sh", "-c", setup.DAEMON]
        daemon = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not (root / SOCKET).exists():
            if daemon.poll() is not None:
                return 1
            time.sleep(0.02)
        print("ready", flush=True)
        status = serve(root, control, log.fileno())
        signal.set_wakeup_fd(-1)
        daemon.terminate()
        daemon.wait(20)
    return status


def serve(root: Path, control: socket.socket, log: int) -> int:
    """Give connections to sshd and wait for a restart; end what has ended."""
    initctl = os.open(root / "run/initctl", os.O_RDWR | os.O_NONBLOCK)
    waking, woken = socket.socketpair()
    woken.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    selector = selectors.DefaultSelector()
    for source in (control, initctl, waking):
        selector.register(source, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is initctl:
                return RESTART
            if key.fileobj is waking:
                waking.recv(4096)
                reap()
                continue
            _, descriptors, _, _ = socket.recv_fds(control, 16, 1)
            if not descriptors:
                return 0
            spawn_sshd(root, descriptors[0], log)


def spawn_sshd(root: Path, connection: int, log: int) -> None:
    actions = [(os.POSIX_SPAWN_DUP2, connection, 0), (os.POSIX_SPAWN_DUP2, connection, 1)]
    actions += [(os.POSIX_SPAWN_DUP2, log, 2), (os.POSIX_SPAWN_CLOSE, connection)]
    words = ["chroot", str(root), "/usr/sbin/sshd", "-i", "-e"]
    os.posix_spawnp("chroot", words, dict(os.environ), file_actions=actions, setsigdef=[signal.SIGCHLD])
    os.close(connection)


def reap() -> None:
    """Everybody's orphans are the first process's children; while it serves there is always one, the stand-ins."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def mount_root(folder: Path, lower: str, root: Path) -> None:
    for name in ("upper", "work", "root", "made"):
        (folder / name).mkdir(exist_ok=True)
    options = f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work"
    mount("-t", "overlay", "overlay", "-o", options, str(root))
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(root / "run"))
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(root / "tmp"))
    for name in ("sshd", "lock", "qemu-server"):
        (root / "run" / name).mkdir()


def mount_kernel(root: Path, made: Path) -> None:
    """/proc with the host's own files over it, /sys, and the few devices that programs need."""
    mount("--rbind", "/proc", str(root / "proc"))
    for name in kernel.PROC:
        if (root / "proc" / name).exists():
            mount("--bind", str(made / "proc" / name), str(root / "proc" / name))
    mount("--rbind", str(made / "sys"), str(root / "sys"))
    # Not the sticky 1777 of a plain tmpfs: "> /dev/null" would be refused there (protected_regular).
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(root / "dev"))
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        (root / "dev" / name).touch()
        mount("--bind", f"/dev/{name}", str(root / "dev" / name))
    (root / "dev/pts").mkdir()
    mount("-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=620", "devpts", str(root / "dev/pts"))
    for name, target in (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1")):
        (root / "dev" / name).symlink_to(target)
    (root / "dev/shm").mkdir(mode=0o1777)


def network() -> None:
    """The host's own loopback, and its bridge with its address."""
    subprocess.run(["hostname", "pve"], check=True)
    for words in (
        ["link", "set", "lo", "up"],
        ["link", "add", "vmbr0", "type", "bridge"],
        ["address", "add", "10.0.2.15/24", "dev", "vmbr0"],
    ):
        subprocess.run(["ip", *words], check=True)


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


if __name__ == "__main__":
    where, layers, wanted, number = sys.argv[1:]
    sys.exit(main(Path(where), layers, wanted, socket.socket(fileno=int(number)) if number else None))  # type: ignore[arg-type]
