"""Numbers in a host's text."""

from __future__ import annotations

import re


def number(text: str) -> int | None:
    """A plain decimal number of at most 18 digits, blanks around it allowed; None for anything else.

    `str.isdigit` also accepts superscripts and other digits that `int` refuses.
    """
    plain = text.strip(" \t\r\n")
    return int(plain) if re.fullmatch(r"[0-9]{1,18}", plain) else None
