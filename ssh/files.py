"""Small files on the host, exactly: read, replaced atomically, read back. One way for root and for sudo."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from ssh.errors import CommandFailed, FileChangedMeanwhile, FileNotWritten
from ssh.result import FileState

if TYPE_CHECKING:
    from ssh.host import SshHost

_READ = 'if [ -e "$1" ]; then stat -L -c "%a %U:%G" "$1" && base64 "$1"; else echo missing; fi'

_WRITE = """
set -e
umask 077
path=$1 new=$1.pve-igpu.new backup=$2 expect=$3 mode=$4
if [ -e "$path" ]; then now=$(sha256sum < "$path" | cut -d " " -f 1); else now=missing; fi
if [ "$now" != "$expect" ]; then echo "changed meanwhile" >&2; exit 90; fi
if [ -n "$backup" ] && [ -e "$path" ]; then
  mkdir -p "$(dirname "$backup")"
  cp -p "$path" "$backup"
  chmod 0600 "$backup"
fi
cat > "$new"
if [ -e "$path" ]; then
  chmod --reference="$path" "$new"
  chown --reference="$path" "$new"
else
  chmod "$mode" "$new"
fi
sync "$new"
mv -f "$new" "$path"
sha256sum < "$path" | cut -d " " -f 1
"""
"""$1 path, $2 backup or "", $3 sha256 expected or "missing", $4 mode of a new file. Status 90: changed meanwhile."""

CHANGED = 90


def read_file(host: SshHost, path: str) -> FileState:
    """A file with mode and owner; a missing one has data None. Raises `CommandFailed` where it may not be read."""
    result = host.run(["sh", "-c", _READ, "sh", path])
    head, _, body = result.stdout.partition("\n")
    if head == "missing":
        return FileState(path, None)
    mode, _, owner = head.partition(" ")
    return FileState(path, base64.b64decode(body), int(mode, 8), owner)


def write_file(host: SshHost, path: str, data: bytes, expect: bytes | None, backup: str | None, mode: int) -> None:
    """See `guide.host.Host.write_file`."""
    wanted = hashlib.sha256(data).hexdigest()
    before = "missing" if expect is None else hashlib.sha256(expect).hexdigest()
    argv = ["sh", "-c", _WRITE, "sh", path, backup or "", before, f"{mode:04o}"]
    result = host.run(argv, check=False, stdin=data)
    if result.status == CHANGED:
        raise FileChangedMeanwhile(path=path)
    if result.status != 0 or result.stdout.strip() != wanted:
        raise FileNotWritten(result.stderr, path=path)


def remove_file(host: SshHost, path: str, expect: bytes | None) -> None:
    """See `guide.host.Host.remove_file`."""
    if expect is not None:
        found = read_file(host, path).data
        if found is not None and found != expect:
            raise FileChangedMeanwhile(path=path)
    try:
        host.run(["rm", "-f", path])
    except CommandFailed as error:
        raise FileNotWritten(error.detail, path=path) from error


def sha256(host: SshHost, path: str) -> str | None:
    """Computed on the host; openssl is several times faster there than sha256sum (facts: performance.md section 1)."""
    text = 'if [ -e "$1" ]; then openssl dgst -sha256 -r < "$1"; else echo missing; fi'
    result = host.run(["sh", "-c", text, "sh", path], timeout=1800)
    word = result.stdout.split()[0] if result.stdout.split() else ""
    return None if word == "missing" else word
