"""How PVE refuses."""

from __future__ import annotations


class PveError(Exception):
    """A call ends with this status; the reason phrase carries the message, `errors` names parameters."""

    def __init__(self, status: int, reason: str, errors: dict[str, str] | None = None, bare: bool = False) -> None:
        super().__init__(reason)
        self.bare = bare
        """Raised by pveproxy itself: the answer has no body at all (facts: pve-behaviour.md section 5)."""
        self.status = status
        self.reason = reason
        self.errors = errors


def died(text: str) -> PveError:
    """What a Perl `die` becomes: 500 with the text."""
    return PveError(500, text)


def forbidden(path: str, privileges: str) -> PveError:
    """403 with the path and the privileges of which one is needed."""
    return PveError(403, f"Permission check failed ({path}, {privileges})")


def invalid(**errors: str) -> PveError:
    """400 Parameter verification failed."""
    return PveError(400, "Parameter verification failed.", errors)
