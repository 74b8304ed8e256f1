"""A client of the practice host that does a little of everything: log in, make a VM by the API, read it by SSH."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import asyncssh
import requests

from practice.host import Access


@dataclass
class Seen:
    """What one client was told of its own VM."""

    api: dict[str, Any]
    ssh: dict[str, str]
    pending: int


class Web:
    """The API with a ticket, as one session."""

    def __init__(self, access: Access) -> None:
        self._base = f"https://127.0.0.1:{access.api_port}/api2/json"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(access.ca)
        login = {"username": "root@pam", "password": access.password}
        answer = self._session.post(f"{self._base}/access/ticket", data=login, timeout=60).json()["data"]
        self._session.cookies.set("PVEAuthCookie", answer["ticket"])
        self._session.headers["CSRFPreventionToken"] = answer["CSRFPreventionToken"]

    def call(self, method: str, path: str, **values: Any) -> Any:
        """The data. Raises for an error status."""
        name = "params" if method == "GET" else "data"
        answer = self._session.request(method, f"{self._base}{path}", timeout=60, **{name: values})
        answer.raise_for_status()
        return answer.json()["data"]

    def close(self) -> None:
        self._session.close()


async def command(access: Access, line: str) -> str:
    """One connection, one command."""
    async with asyncssh.connect(
        "127.0.0.1", access.ssh_port, username=access.user, password=access.password, known_hosts=None, config=None
    ) as connection:
        return str((await connection.run(line, check=True)).stdout)


def by_web(access: Access, vmid: int) -> tuple[dict[str, Any], int]:
    """Make the VM, wait for it, change it, read it."""
    web = Web(access)
    try:
        upid = web.call("POST", "/nodes/pve/qemu", vmid=vmid, name=f"vm{vmid}", memory=512, cores=1)
        while web.call("GET", f"/nodes/pve/tasks/{upid}/status")["status"] == "running":
            pass
        web.call("PUT", f"/nodes/pve/qemu/{vmid}/config", description=f"of client {vmid}", cores=2)
        return web.call("GET", f"/nodes/pve/qemu/{vmid}/config"), len(
            web.call("GET", f"/nodes/pve/qemu/{vmid}/pending")
        )
    finally:
        web.close()


async def client(access: Access, vmid: int) -> Seen:
    """API and SSH at the same time, then SSH of what the API made."""
    (api, pending), _ = await asyncio.gather(asyncio.to_thread(by_web, access, vmid), command(access, "pveversion"))
    text = await command(access, f"qm config {vmid}")
    return Seen(api, dict(line.split(": ", 1) for line in text.splitlines()), pending)


async def clients(access: Access, count: int) -> list[Seen]:
    """So many at the same time; their VMs are 100, 101 and so on."""
    return list(await asyncio.gather(*(client(access, 100 + number) for number in range(count))))
