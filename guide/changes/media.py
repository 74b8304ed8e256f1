"""Bring a file to the host: an ISO or the vBIOS ROM from the workstation, or an ISO that the host downloads itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guide.change import Change, ChangeContext, JsonObject, Preview
from guide.errors import FileNotWritten, UndoConflict
from guide.message import Message, message


@dataclass(frozen=True)
class UploadFile(Change):
    """Copy `local` to `remote`, proven by sha256 on both ends. A file of another content there is kept as backup."""

    kind = "upload"
    local: str
    remote: str
    purpose: str
    sha256: str = ""
    """What the person expects the file to be; "" where unknown."""

    @property
    def id(self) -> str:
        return f"upload:{self.remote}"

    @property
    def title(self) -> Message:
        return message(f"change.{self.purpose}.title", name=Path(self.local).name, path=self.remote)

    @property
    def preview(self) -> Preview:
        return Preview(copies=((self.local, self.remote),))

    def apply(self, context: ChangeContext) -> JsonObject:
        local = Path(self.local)
        expected = _sha256(local)
        if self.sha256 and self.sha256.lower() != expected:
            raise FileNotWritten(f"{expected} != {self.sha256}", path=self.local)
        there = context.host.sha256(self.remote)
        record: JsonObject = {"path": self.remote, "purpose": self.purpose, "sha256": expected, "backup": ""}
        record["existed"] = there or ""
        is_ours = bool(there) and there in _ours(context.earlier)
        if is_ours:
            record["existed"], record["backup"] = context.earlier.get("existed", ""), context.earlier.get("backup", "")
        elif there and there != expected:
            record["backup"] = f"{context.backup_dir}/{Path(self.remote).name}"
        context.save({**record, "reached": there if is_ours else ""})
        if there == expected:
            return record
        if there and not is_ours:
            context.host.run(["mkdir", "-p", "-m", "0700", context.backup_dir])
            context.host.run(["cp", "-p", self.remote, record["backup"]], timeout=600)
        proven = context.host.upload(
            local,
            self.remote,
            progress=lambda done, total: context.progress(done, total, "bytes", None),
            cancel=context.cancel,
        )
        if proven != expected:
            raise FileNotWritten(path=self.remote)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        path, existed = str(record["path"]), str(record["existed"])
        there = context.host.sha256(path)
        if (there is None and not existed) or there == existed:
            return
        if there is not None and there not in _ours(record):
            raise UndoConflict(what=path)
        if record["backup"]:
            context.host.run(["cp", "-p", str(record["backup"]), path], timeout=600)
        else:
            context.host.remove_file(path)


@dataclass(frozen=True)
class DownloadIso(Change):
    """Let the host fetch an ISO itself (POST download-url; facts: pve.md 3.3)."""

    kind = "download"
    url: str
    storage: str
    filename: str
    sha256: str = ""

    @property
    def id(self) -> str:
        return f"download:{self.storage}:iso/{self.filename}"

    @property
    def title(self) -> Message:
        return message("change.download-iso.title", name=self.filename, storage=self.storage)

    @property
    def preview(self) -> Preview:
        return Preview(copies=((self.url, f"{self.storage}:iso/{self.filename}"),))

    def apply(self, context: ChangeContext) -> JsonObject:
        record: JsonObject = {"storage": self.storage, "volid": f"{self.storage}:iso/{self.filename}"}
        context.save(record)
        checksum = {"checksum": self.sha256, "checksum-algorithm": "sha256"} if self.sha256 else {}
        api = context.host.api
        upid = api.post(
            f"nodes/{api.node}/storage/{self.storage}/download-url",
            content="iso",
            filename=self.filename,
            url=self.url,
            **checksum,
        )
        api.wait_task(str(upid), context.on_line, context.cancel, timeout=4 * 3600)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        api = context.host.api
        storage, volid = str(record["storage"]), str(record["volid"])
        stored = api.get(f"nodes/{api.node}/storage/{storage}/content", content="iso")
        if any(item.get("volid") == volid for item in stored):
            upid = api.delete(f"nodes/{api.node}/storage/{storage}/content/{volid}")
            if upid:
                api.wait_task(str(upid), context.on_line, context.cancel)


def _ours(record: Mapping[str, Any]) -> tuple[Any, ...]:
    """The checksums of our file, and of the one of ours that a try may have failed to replace."""
    return record.get("sha256"), record.get("reached")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
