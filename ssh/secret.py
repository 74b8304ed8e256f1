"""A secret never prints itself."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A password, passphrase, token or ticket.

    `str()` and `repr()` give `***`; only `unmask()` gives the value. It cannot be pickled, so it cannot leak into a
    state file by accident.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def unmask(self) -> str:
        """Return the value; call it only where it is handed to the library that needs it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not serialised")
