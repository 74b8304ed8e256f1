"""What is expensive to build is kept, by the hash of what it is built from."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

FOLDER = user_cache_path("pve-igpu-tests", appauthor=False)
"""Asked for on import: the tests give each test a home of its own later."""

KEPT_DAYS = 14
"""What nobody has used for so long is deleted at the next build."""

notes: list[str] = []
"""One line per file asked for: built (and how long it took) or from the cache."""


def recipe(*parts: str | bytes | Path) -> str:
    """A hash over texts, files and the files of folders with their names and modes."""
    digest = hashlib.sha256()
    for part in parts:
        for name, data in _pieces(part):
            digest.update(f"{name} {len(data)}\n".encode())
            digest.update(data)
    return digest.hexdigest()[:16]


def files(folder: Path) -> list[Path]:
    """All files of a recipe's folder; what Python leaves behind is no part of it."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def cached(name: str, key: str, build: Callable[[Path], None]) -> Path:
    """The file NAME-KEY.EXT for `name` NAME.EXT; `build` makes it where it is missing.

    A second process that wants the same waits. A build that fails leaves nothing behind.
    """
    stem, _, extension = name.partition(".")
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"{stem}-{key}.{extension}"
    if not target.exists():
        with locked(FOLDER / f"{stem}.lock"):
            # Somebody else may have made it while we waited.
            if not target.exists():
                _make(target, name, build)
                return target
    os.utime(target)
    notes.append(f"{target.name}: from the cache")
    return target


def _make(target: Path, name: str, build: Callable[[Path], None]) -> None:
    _forget_old(FOLDER)
    started = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix=f"{target.stem}-", dir=FOLDER))
    try:
        made = work / name
        build(made)
        made.rename(target)
    finally:
        shutil.rmtree(work)
    size = target.stat().st_blocks * 512 >> 20
    notes.append(f"{target.name}: built in {time.monotonic() - started:.0f} s, {size} MiB")


def _pieces(part: str | bytes | Path) -> Iterable[tuple[str, bytes]]:
    if isinstance(part, Path):
        base = part if part.is_dir() else part.parent
        for path in files(part) if part.is_dir() else [part]:
            yield f"{path.relative_to(base)} {path.stat().st_mode & 0o111:o}", path.read_bytes()
    else:
        yield "", part.encode() if isinstance(part, str) else part


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until no other process holds it."""
    import fcntl  # not on Windows, where no tier needs it

    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _forget_old(folder: Path) -> None:
    limit = time.time() - KEPT_DAYS * 86400
    for path in folder.glob("*-*.*"):
        if path.is_file() and path.stat().st_mtime < limit:
            path.unlink()
