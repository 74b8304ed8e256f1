"""Small files on the host, exactly: read, replaced atomically, read back. One way for root and for sudo."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from ssh.errors import FileChangedMeanwhile, FileNotWritten
from ssh.result import CommandResult, FileState

if TYPE_CHECKING:
    from ssh.host import SshHost

_READ = 'if [ -e "$1" ]; then stat -L -c "%a %U:%G" "$1" && base64 "$1"; else echo missing; fi'

_COMPARE = """
now() { if [ -e "$path" ]; then sha256sum < "$path" | cut -d " " -f 1; else echo missing; fi; }
if [ "$(now)" != "$expect" ]; then echo "changed meanwhile" >&2; exit 90; fi
"""
"""Status 90 where $path does not hold what $expect says: a sha256, or "missing"."""

_WRITE = (
    """
umask 077
path=$1 backup=$2 expect=$3 mode=$4 wanted=$5
if [ -L "$path" ]; then path=$(readlink -f "$path"); fi
new=$path.pve-igpu.new
"""
    + _COMPARE
    + """
keep() {
  if [ -z "$backup" ] || [ ! -e "$path" ]; then return 0; fi
  mkdir -p "$(dirname "$backup")" && cp -p "$path" "$backup" && chmod 0600 "$backup" && sync "$backup"
}
own() {
  if [ -e "$path" ]; then chown --reference="$path" "$new" && chmod --reference="$path" "$new"
  else chmod "$mode" "$new"; fi
}
replace() {
  cat > "$new" || return 1
  got=$(sha256sum < "$new" | cut -d " " -f 1)
  if [ "$got" != "$wanted" ]; then rm -f "$new"; echo "incomplete: sha256 $got" >&2; return 1; fi
  own && sync "$new" && mv -f "$new" "$path" && sync "$(dirname "$path")"
}
keep || exit 1
replace || { rm -f "$new"; exit 1; }
now
"""
)
"""$1 path, $2 backup or "", $3 sha256 before or "missing", $4 mode of a new file, $5 sha256 of the new content.

A lost connection ends `cat` as an end of file does: the content is compared before the rename, not only after it. What
came is removed before a word about it: nobody listens any more, and the word may end the script (SIGPIPE).
A link stays a link: the file that it leads to is replaced."""

_REMOVE = f'path=$1 expect=$2\nif [ ! -e "$path" ]; then exit 0; fi\n{_COMPARE}\nrm -f "$path"'

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
    argv = ["sh", "-c", _WRITE, "sh", path, backup or "", before, f"{mode:04o}", wanted]
    result = host.run(argv, check=False, stdin=data)
    _judge(result, path)
    if result.stdout.strip() != wanted:
        raise FileNotWritten(f"read back: sha256 {result.stdout.strip()} instead of {wanted}", path=path)


def remove_file(host: SshHost, path: str, expect: bytes | None) -> None:
    """See `guide.host.Host.remove_file`."""
    if expect is None:
        argv = ["rm", "-f", path]
    else:
        argv = ["sh", "-c", _REMOVE, "sh", path, hashlib.sha256(expect).hexdigest()]
    _judge(host.run(argv, check=False), path)


def sha256(host: SshHost, path: str) -> str | None:
    """Computed on the host; openssl is several times faster there than sha256sum (facts: performance.md section 1)."""
    text = 'if [ -e "$1" ]; then openssl dgst -sha256 -r < "$1"; else echo missing; fi'
    result = host.run(["sh", "-c", text, "sh", path], timeout=1800)
    word = result.stdout.partition(" ")[0].strip()
    return None if word == "missing" else word


def _judge(result: CommandResult, path: str) -> None:
    if result.status == CHANGED:
        raise FileChangedMeanwhile(path=path)
    if result.status != 0:
        raise FileNotWritten(result.stderr.strip(), path=path)
