"""Short form for checks: the claim and its remedy are catalogue keys made from the check's id."""

from __future__ import annotations

from guide.check import Check, Verdict
from guide.message import message


def claim(identity: str, verdict: Verdict, found: str = "", *, command: str = "", **params: object) -> Check:
    """A check whose sentences are `check.<id>.claim` and, unless it is OK, `check.<id>.remedy`."""
    remedy = None if verdict is Verdict.OK else message(f"check.{identity}.remedy", **params)
    suffix = "".join(f":{value}" for key, value in params.items() if key in ("argument", "address", "key"))
    return Check(identity + suffix, message(f"check.{identity}.claim", **params), found, verdict, remedy, command)


def judged(identity: str, holds: bool | None, found: str = "", *, command: str = "", **params: object) -> Check:
    """`claim` for a truth value: None is unknown."""
    verdict = {True: Verdict.OK, False: Verdict.FAIL, None: Verdict.UNKNOWN}[holds]
    return claim(identity, verdict, found, command=command, **params)
