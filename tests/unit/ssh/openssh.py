"""OpenSSH's own server on a loopback port, with its own keys and configuration."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import threading
from pathlib import Path

import asyncssh

from tests.ports import free_port
from tests.unit.ssh.loopback import FAKE_SUDO

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
KINDS = {"ed25519": "ssh-ed25519", "ecdsa": "ecdsa-sha2-nistp256", "rsa": "ssh-rsa"}


class OpenSshd:
    """Started by `start`, ended by its process id. Logins are by `key_file` as the user who runs the tests."""

    def __init__(self, folder: Path) -> None:
        self.user = getpass.getuser()
        self.key_file = folder / "login"
        self.fingerprints: dict[str, str] = {}
        self.port = free_port()
        self._config = folder / "sshd_config"
        login = asyncssh.generate_private_key("ssh-ed25519")
        login.write_private_key(self.key_file)
        login.write_public_key(folder / "authorized_keys")
        lines = [
            f"ListenAddress 127.0.0.1:{self.port}",
            f"AuthorizedKeysFile {folder}/authorized_keys",
            f"SetEnv PATH={folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SUDO_LOG=/dev/null",
            "UsePAM no",
            "StrictModes no",
            "PidFile none",
            "PasswordAuthentication no",
            "PermitRootLogin prohibit-password",
        ]
        for kind, algorithm in KINDS.items():
            key = asyncssh.generate_private_key(algorithm)
            key.write_private_key(folder / kind)
            (folder / kind).chmod(0o600)
            self.fingerprints[kind] = key.get_fingerprint()
            lines.append(f"HostKey {folder}/{kind}")
        self._config.write_text("\n".join(lines) + "\n")
        (folder / "bin").mkdir()
        (folder / "bin/sudo").write_text(FAKE_SUDO)
        (folder / "bin/sudo").chmod(0o755)

    def start(self) -> None:
        """Returns as soon as it listens."""
        assert SSHD is not None
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(self._config)], stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        said = ""
        for line in self._process.stderr:
            said += line
            if "Server listening" in line:
                break
        else:
            raise AssertionError(said)
        self._drain = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._drain.start()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._drain.join(10)
        assert self._process.stderr is not None
        self._process.stderr.close()
