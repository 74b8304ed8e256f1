"""Install one version of a package and hold it there, so that the next upgrade leaves it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guide.change import Change, ChangeContext, JsonObject, Preview
from guide.errors import UndoConflict
from guide.host import Host
from guide.message import Message, message

_APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-remove", "--allow-downgrades")
"""--no-remove: apt-get(8) gives up instead of removing anything, such as proxmox-ve."""


@dataclass(frozen=True)
class HoldPackage(Change):
    """`before` is the installed version; `held` whether it is held there."""

    kind = "package"
    package: str
    before: str
    version: str
    held: bool = False

    @property
    def id(self) -> str:
        return f"package:{self.package}"

    @property
    def title(self) -> Message:
        return message("change.package.title", package=self.package, version=self.version)

    @property
    def preview(self) -> Preview:
        keys = ((self.package, self.before, self.version),)
        install = " ".join(_install(self.package, self.version, self.held)[2:])
        return Preview(keys=keys, commands=(install, f"apt-mark hold {self.package}"))

    def apply(self, context: ChangeContext) -> JsonObject:
        record: JsonObject = {
            "package": self.package,
            "before": context.earlier.get("before", self.before),
            "held": context.earlier.get("held", self.held),
            "after": self.version,
        }
        context.save(record)
        if _installed(context.host, self.package) != self.version:
            command = _install(self.package, self.version, self.held)
            context.host.run_job("package", command, on_line=context.on_line)
        context.host.run(["apt-mark", "hold", self.package], on_line=context.on_line)
        return record

    @classmethod
    def undo(cls, record: Mapping[str, Any], context: ChangeContext) -> None:
        package, before = str(record["package"]), str(record["before"])
        now = _installed(context.host, package)
        if now not in (before, record["after"]):
            raise UndoConflict(f"{package} {now}", what=package)
        if not record["held"]:
            context.host.run(["apt-mark", "unhold", package], on_line=context.on_line)
        if now != before:
            command = _install(package, before, bool(record["held"]))
            context.host.run_job("undo-package", command, on_line=context.on_line)


def _install(package: str, version: str, held: bool) -> tuple[str, ...]:
    return (*_APT, *(("--allow-change-held-packages",) if held else ()), f"{package}={version}")


def _installed(host: Host, package: str) -> str:
    return host.run(["dpkg-query", "-W", "-f", "${Version}\\n", package], check=False).stdout.strip()
