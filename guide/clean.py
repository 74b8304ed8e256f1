"""What a host prints is data: control characters go, secrets are masked, length is bounded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_TICKET = re.compile(r"PVE(?:VNC)?:[^\s'\":]+:[0-9A-F]{8}::[A-Za-z0-9+/=]+")
_TOKEN = re.compile(r"(PVEAPIToken=[^\s=]+=)[0-9a-fA-F-]{36}")
_OPTION = re.compile(r"(?i)((?:password|passwd|secret|token|CSRFPreventionToken)\s*[=:]\s*)\S+")


def clean(text: str, limit: int = 2000) -> str:
    """One or more lines without escape sequences, control and direction characters; cut at `limit` characters."""
    plain = _ESCAPE.sub("", text)
    kept = "".join(c for c in plain if c in "\n\t" or not (c in _BIDI or unicodedata.category(c) in ("Cc", "Cs")))
    return kept if len(kept) <= limit else kept[:limit] + "…"


class Redactor:
    """Masks the known secrets of a session and whatever looks like a ticket, token or password."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: list[str] = []
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Secrets that were told later."""
        known = {*self._secrets, *(secret for secret in secrets if len(secret) >= 4)}
        self._secrets = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = _TICKET.sub("***", text)
        text = _TOKEN.sub(r"\1***", text)
        return _OPTION.sub(r"\1***", text)
