"""/nodes/{node}/storage."""

from __future__ import annotations

import hashlib
import urllib.parse
from typing import Any

from practice.api import wget
from practice.api.routes import Call, route
from practice.pve.errors import died, invalid
from practice.pve.schema import Option
from practice.pve.tasks import Task

TEXT = Option()
READ = "Datastore.Audit|Datastore.AllocateSpace"


@route("GET", "/nodes/{node}/storage")
async def storages(call: Call) -> Any:
    return call.pve.storages.rows(call.values.get("content", ""))


@route("GET", "/nodes/{node}/storage/{storage}/status", needs=("/storage/{storage}", READ))
async def status(call: Call) -> Any:
    if not call.pve.storages.has(call.places["storage"]):
        raise invalid(storage="No such storage.")
    return call.pve.storages.status(call.places["storage"])


@route(
    "GET",
    "/nodes/{node}/storage/{storage}/content",
    needs=("/storage/{storage}", READ),
)
async def content(call: Call) -> Any:
    return call.pve.storages.content(call.places["storage"], call.values.get("content", ""))


@route("GET", "/nodes/{node}/storage/{storage}/content/{volume}", needs=("/storage/{storage}", READ))
async def volume_info(call: Call) -> Any:
    return call.pve.storages.image_info(call.places["storage"], _volid(call))


@route(
    "DELETE",
    "/nodes/{node}/storage/{storage}/content/{volume}",
    needs=("/storage/{storage}", "Datastore.Allocate"),
)
async def delete(call: Call) -> Any:
    volid = _volid(call)

    async def work(task: Task) -> None:
        task.log(*call.pve.storages.delete(volid))

    return await begin(call, "imgdel", call.places["storage"], work)


@route(
    "POST",
    "/nodes/{node}/storage/{storage}/upload",
    needs=("/storage/{storage}", "Datastore.AllocateTemplate"),
)
async def upload(call: Call) -> Any:
    """The spooled file is already on the host's disk; the task copies it, so that space is needed twice."""
    spooled = call.values.get("tmpfilename", "")
    storages = call.pve.storages
    fs = call.pve.machine.fs
    try:
        target = storages.upload_target(call.places["storage"], call.values["content"], call.values.get("filename", ""))
    except Exception:
        fs.remove(spooled)
        raise

    async def work(task: Task) -> None:
        task.log(f"starting file import from: {spooled}")
        try:
            data = fs.read(spooled)
            _compare(call, task, data)
            task.log(f"target node: {call.pve.machine.node}", f"target file: {target}")
            task.log(f"file size is: {len(data)}", f"command: cp -- {spooled} {target}")
            fs.write(target, data)
            task.log("finished file import successfully")
        except OSError as error:
            raise died(f"import failed: {error.strerror}") from None
        finally:
            fs.remove(spooled)

    return await begin(call, "imgcopy", "", work)


@route(
    "POST",
    "/nodes/{node}/storage/{storage}/download-url",
    needs=("/storage/{storage}", "Datastore.AllocateTemplate"),
)
async def download(call: Call) -> Any:
    url = call.values["url"]
    target = call.pve.storages.upload_target(call.places["storage"], call.values["content"], call.values["filename"])
    fs = call.pve.machine.fs

    async def work(task: Task) -> None:
        task.log(f"downloading {url} to {target}")
        if fs.exists(target):
            raise died(f"refusing to override existing file '{target}'")
        data = await wget.fetch(call.pve.machine, url, target, task)
        _compare(call, task, data)
        fs.write(target, data)
        task.log(f"download of '{url}' to '{target}' finished")

    return await begin(call, "download", call.values["filename"], work)


def _volid(call: Call) -> str:
    volume = urllib.parse.unquote(call.places["volume"])
    return volume if ":" in volume else f"{call.places['storage']}:{volume}"


def _compare(call: Call, task: Task, data: bytes) -> None:
    expected = call.values.get("checksum", "")
    if not expected:
        return
    found = hashlib.new(call.values.get("checksum-algorithm", "sha256"), data).hexdigest()
    if found != expected.lower():
        task.log("calculating checksum...")
        raise died(f"checksum mismatch: got '{found}' != expect '{expected}'")
    task.log("calculating checksum...OK, checksum verified")


async def begin(call: Call, kind: str, identity: str, work: Any) -> str:
    """Start a worker; from a command line tool run it and print its log."""
    if not call.synchronous:
        return call.pve.tasks.start(kind, identity, call.caller.name, work).upid
    task = await call.pve.tasks.run(kind, identity, call.caller.name, work)
    call.output("".join(f"{line}\n" for line in task.lines))
    if task.failed:
        call.complain(f"{task.exitstatus}\n")
        call.extra["failed"] = True
    return task.upid
