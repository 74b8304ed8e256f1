"""A host profile: how to reach one host. It holds no secret."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from ssh.errors import ProfileInvalid

Auth = Literal["password", "key", "agent"]
ApiMode = Literal["tunnel", "direct"]

_WORD = re.compile(r"[^\s\x00-\x1f\x7f]+")
_PATTERNS = {
    "name": re.compile(r"\S([^\x00-\x1f\x7f]*\S)?"),
    "address": _WORD,
    "user": _WORD,
    "host_key": re.compile(r"(SHA256:[A-Za-z0-9+/]{43})?"),
    "api_user": re.compile(r"([^\s@!]+@[^\s@!]+)?"),
    "api_token_id": re.compile(r"([^\s@!]+@[^\s@!]+![^\s!]+)?"),
}
"""What each text must look like as a whole. A token is USER@REALM!NAME (facts: pve.md 3.1)."""


@dataclass(frozen=True)
class Profile:
    """`host_key` is the pinned fingerprint (SHA256:...), "" before first contact. `api_mode` tunnel: the API is reached
    through the SSH connection; direct: at address:api_port. `api_user` "" means USER@pam with the same password."""

    name: str
    address: str
    ssh_port: int = 22
    api_port: int = 8006
    user: str = "root"
    auth: Auth = "password"
    key_file: str = ""
    host_key: str = ""
    node: str = ""
    api_mode: ApiMode = "tunnel"
    api_user: str = ""
    api_token_id: str = ""

    def __post_init__(self) -> None:
        """Raises `ProfileInvalid` for what could never connect; its `reason` is the field."""
        wrong = [field for field, pattern in _PATTERNS.items() if not pattern.fullmatch(getattr(self, field))]
        wrong += [field for field in ("ssh_port", "api_port") if not 0 < getattr(self, field) < 65536]
        wrong += [field for field, kind in (("auth", Auth), ("api_mode", ApiMode)) if not self._is_one(field, kind)]
        if self.auth == "key" and not self.key_file:
            wrong.append("key_file")
        if wrong:
            raise ProfileInvalid(name=str(self.name), reason=wrong[0])

    @property
    def login(self) -> str:
        """The API user, e.g. root@pam."""
        return self.api_user or f"{self.user}@pam"

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(name: str, text: str) -> Profile:
        """Read a stored profile; fields of a newer version are ignored. Raises `ProfileInvalid`."""
        try:
            raw: Any = json.loads(text)
            known = {field.name for field in fields(Profile)}
            return Profile(**{key: value for key, value in raw.items() if key in known})
        except (ValueError, TypeError, AttributeError) as error:
            raise ProfileInvalid(name=name, reason="stored form") from error

    def _is_one(self, field: str, kind: object) -> bool:
        return getattr(self, field) in get_args(kind)
