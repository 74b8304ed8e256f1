"""A host profile: how to reach one host. It holds no secret."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from ssh.errors import ProfileInvalid

Auth = Literal["password", "key", "agent"]
ApiMode = Literal["tunnel", "direct"]


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
        """Raises `ProfileInvalid` for what could never connect."""
        for text, reason in ((self.name, "name"), (self.address, "address"), (self.user, "user")):
            if not text.strip() or any(c.isspace() or not c.isprintable() for c in text.strip() if reason != "name"):
                raise ProfileInvalid(name=self.name, reason=reason)
        for port, reason in ((self.ssh_port, "ssh_port"), (self.api_port, "api_port")):
            if not 0 < port < 65536:
                raise ProfileInvalid(name=self.name, reason=reason)
        if self.auth == "key" and not self.key_file:
            raise ProfileInvalid(name=self.name, reason="key_file")
        if self.host_key and not self.host_key.startswith("SHA256:"):
            raise ProfileInvalid(name=self.name, reason="host_key")
        if self.api_token_id and "!" not in self.api_token_id:
            raise ProfileInvalid(name=self.name, reason="api_token_id")

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
