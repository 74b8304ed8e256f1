"""Calls by method and path; the API and the command line tools use the same ones."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from practice.pve import calls, schema
from practice.pve.errors import PveError, died, forbidden
from practice.pve.users import Caller

if TYPE_CHECKING:
    from practice.pve.service import Pve


@dataclass
class Call:
    """One call: who, what, and the parameters of path, query and body together."""

    pve: Pve
    caller: Caller
    values: dict[str, Any]
    places: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    """Beside "data" in the answer, e.g. "total"."""
    synchronous: bool = False
    """From a command line tool: workers run to their end, their log goes to `output`."""
    output: Callable[[str], None] = lambda text: None
    complain: Callable[[str], None] = lambda text: None

    def flag(self, name: str) -> bool:
        """A boolean parameter; not given is false."""
        return str(self.values.get(name, "0")).lower() in ("1", "true", "on", "yes")

    @property
    def vmid(self) -> int:
        if not re.fullmatch(r"[1-9]\d{2,8}", self.places["vmid"]):
            raise PveError(
                400,
                "Parameter verification failed.",
                {"vmid": f"type check ('integer') failed - got '{self.places['vmid']}'"},
            )
        return int(self.places["vmid"])


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    name: str
    """"GET /nodes/{node}/qemu": what it is called in the table of parameters."""
    checks: bool
    """Whether the parameters are checked before the handler runs."""
    needs: tuple[str, str] | None = None
    """(path, privileges joined by "|") that the caller must have one of; None: everybody who is logged in."""


ROUTES: list[Route] = []


def route(
    method: str, path: str, *, needs: tuple[str, str] | None = None, checks: bool = True
) -> Callable[[Handler], Handler]:
    """Register a call: `@route("GET", "/nodes/{node}/qemu")`; `{name:word}` is a place with one value."""
    escaped = re.sub(r"\\\{(\w+):(\w+)\\\}", r"(?P<\1>\2)", re.escape(path.strip("/")))
    expression = re.compile("/?" + re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", escaped) + "/?")
    if path.endswith("{volume}"):
        expression = re.compile(expression.pattern.replace("(?P<volume>[^/]+)", "(?P<volume>.+)"))

    def register(handler: Handler) -> Handler:
        name = re.sub(r"\{\w+:(\w+)\}", r"\1", path)
        ROUTES.append(Route(method, expression, handler, f"{method} {name}", checks, needs))
        return handler

    return register


def find(method: str, path: str, release: calls.Release) -> tuple[Route, dict[str, str]]:
    """The route of a path in a release. Raises 501 as PVE does for an unknown one."""
    for candidate in ROUTES:
        match = candidate.pattern.fullmatch(path)
        if match and candidate.method == method and calls.there(candidate.name, release):
            return candidate, match.groupdict()
    raise PveError(501, f"Method '{method} /{path.strip('/')}' not implemented")


async def dispatch(method: str, path: str, call: Call) -> Any:
    """Find, check, run."""
    found, call.places = find(method, path, call.pve.release)
    node = call.places.get("node")
    if node is not None and node not in (call.pve.machine.node, "localhost"):
        raise died(
            f"hostname lookup '{node}' failed - failed to get address info for: {node}: "
            "Temporary failure in name resolution"
        )
    if found.needs is not None:
        area = found.needs[0].format_map(call.places)
        if not call.caller.may(area, found.needs[1]):
            raise forbidden(area, found.needs[1])
    if found.checks:
        schema.check(call.values, calls.options(found.name, call.pve.release))
    return await found.handler(call)
