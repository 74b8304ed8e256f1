"""Chapter 2.1: the Windows ISO and the virtio driver ISO come to the host."""

from __future__ import annotations

import re
from pathlib import Path

from guide.change import Change
from guide.changes.media import DownloadIso, UploadFile
from guide.chapters.claims import judged
from guide.check import Check
from guide.choices import IsoSource
from guide.facts.model import Storage, StoredIso
from guide.message import Message, message
from guide.step import Step, View

PATTERNS = {
    "windows": re.compile(r"(?i)win(dows)?[ _-]?10|windows"),
    "virtio": re.compile(r"(?i)virtio-win"),
}


class Media(Step):
    """Stored already, uploaded from the workstation, or downloaded by the host itself."""

    id = "media"
    number = "2.1"
    chapter = 2

    def blockers(self, view: View) -> tuple[Message, ...]:
        missing = tuple(
            message("blocker.iso-not-chosen", kind=kind)
            for kind, source in sources(view).items()
            if not source.value and volid(view, kind) is None
        )
        lost = tuple(
            message("blocker.file-missing", path=source.value)
            for source in sources(view).values()
            if source.kind == "upload" and source.value and not Path(source.value).is_file()
        )
        return missing + lost if iso_storage(view) else (message("blocker.no-iso-storage"),)

    def changes(self, view: View) -> tuple[Change, ...]:
        storage = iso_storage(view)
        if storage is None or self.blockers(view):
            return ()
        planned = (self._change(view, storage, source) for source in sources(view).values())
        return tuple(change for change in planned if change is not None)

    def checks(self, view: View) -> tuple[Check, ...]:
        found = {kind: volid(view, kind) for kind in PATTERNS}
        return tuple(
            judged("iso-there", _stored(view, name) is not None, name or "", command="pvesm list local", key=kind)
            for kind, name in found.items()
        )

    def _change(self, view: View, storage: Storage, source: IsoSource) -> Change | None:
        if source.kind == "upload":
            name = stored_name(source.value)
            there = _stored(view, f"{storage.name}:iso/{name}")
            if there is not None and there.size == Path(source.value).stat().st_size:
                return None
            return UploadFile(source.value, f"{storage.path}/template/iso/{name}", "upload-iso", source.sha256)
        if source.kind == "download":
            name = stored_name(source.value.split("?")[0])
            if _stored(view, f"{storage.name}:iso/{name}") is not None:
                return None
            return DownloadIso(source.value, storage.name, name, source.sha256)
        return None


def sources(view: View) -> dict[str, IsoSource]:
    """Both ISO choices by kind."""
    return {"windows": view.choices.windows_iso, "virtio": view.choices.virtio_iso}


def stored_name(source: str) -> str:
    """The name that PVE would give the file (facts: pve.md 3.3), with an extension that it accepts."""
    name = re.sub(r"[^a-zA-Z0-9_.-]", "_", re.split(r"[/\\]", source)[-1])
    return name if re.search(r"(?i)\.(iso|img)$", name) else f"{name}.iso"


def iso_storage(view: View) -> Storage | None:
    """Where ISOs go: as chosen, else `local`, else the first active directory storage that takes them."""
    usable = [s for s in view.facts.storages if s.active and "iso" in s.content and s.path]
    wanted = view.choices.vm.iso_storage
    if wanted:
        return next((storage for storage in usable if storage.name == wanted), None)
    return next((storage for storage in usable if storage.name == "local"), usable[0] if usable else None)


def volid(view: View, kind: str) -> str | None:
    """The volume id that the VM's CD drive will use; None where nothing is chosen or found yet."""
    source = sources(view)[kind]
    if source.kind == "stored":
        return source.value or None
    if source.kind in ("upload", "download"):
        storage = iso_storage(view)
        name = stored_name(source.value.split("?")[0] if source.kind == "download" else source.value)
        return f"{storage.name}:iso/{name}" if storage and source.value else None
    fitting = [iso.volid for iso in view.facts.isos if PATTERNS[kind].search(iso.volid)]
    if kind == "windows":
        fitting = [name for name in fitting if not PATTERNS["virtio"].search(name)]
    return fitting[0] if len(fitting) == 1 else None


def _stored(view: View, name: str | None) -> StoredIso | None:
    return next((iso for iso in view.facts.isos if iso.volid == name), None)
