"""Who acts on the practice host's files: 0 is root, which may everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practice.files import Node

FIRST_USER = 1000
READ, WRITE, SEARCH = 4, 2, 1
STICKY = 0o1000

ACTING: ContextVar[int] = ContextVar("uid of who acts", default=0)
"""The host's own work is root's; a session sets its user's uid for itself and all that it starts."""


@contextmanager
def acting(uid: int) -> Iterator[None]:
    """As somebody else for a while (sudo, or the host itself)."""
    token = ACTING.set(uid)
    try:
        yield
    finally:
        ACTING.reset(token)


def uid_of(user: str) -> int:
    """There is at most one other user on a practice host."""
    return 0 if user == "root" else FIRST_USER


def allowed(node: Node, wanted: int) -> bool:
    """Whether the mode of a file lets who acts do `wanted` (READ, WRITE, SEARCH added up)."""
    uid = ACTING.get()
    if uid == 0:
        return True
    shift = 6 if node.uid == uid else 3 if node.gid == uid else 0
    return node.mode >> shift & wanted == wanted


def owns(node: Node) -> bool:
    """Whether who acts may change mode, owner and times."""
    return ACTING.get() in (0, node.uid)
