"""TLS to one host: its certificate is read over the verified SSH connection, and only that one is accepted."""

from __future__ import annotations

import hashlib
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from ssh.errors import TlsNotVerified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssh.host import SshHost

CERTIFICATES = ("/etc/pve/local/pveproxy-ssl.pem", "/etc/pve/local/pve-ssl.pem")
"""What pveproxy shows: one that somebody installed, else the one of the host's own CA (facts: pve.md 3.1)."""

TIMEOUT = 30.0
"""Seconds; pveproxy itself waits 30 s for pvedaemon, and a refused login takes 3 s (facts: pve.md 3.1)."""

_END = "-----END CERTIFICATE-----"


class Certificate:
    """The certificate that the host must show. OpenSSL wants it as a file: ours alone to read, gone at `close`."""

    def __init__(self, pem: str, host: str) -> None:
        try:
            leaf = pem[pem.index("-----BEGIN CERTIFICATE-----") : pem.index(_END) + len(_END)] + "\n"
            self.fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf)).hexdigest()
        except ValueError as error:
            raise TlsNotVerified(f"no certificate in {' or '.join(CERTIFICATES)}", host=host) from error
        with tempfile.NamedTemporaryFile("w", prefix="pve-igpu-", suffix=".pem", delete=False) as file:
            file.write(leaf)
        self.file = Path(file.name)

    def close(self) -> None:
        self.file.unlink(missing_ok=True)


def read_certificate(host: SshHost) -> Certificate:
    """Raises `TlsNotVerified` where the host has none."""
    found = (host.read_file(path).data for path in CERTIFICATES)
    return Certificate(next((data.decode("ascii", "replace") for data in found if data), ""), host.address)


def open_session(certificate: Certificate) -> requests.Session:
    """A session that talks to nobody but the owner of the certificate; no proxy and no .netrc gets between."""
    session = requests.Session()
    session.trust_env = False
    session.verify = str(certificate.file)
    session.mount("https://", _PinnedAdapter(certificate.fingerprint))
    return session


class _PinnedAdapter(HTTPAdapter):
    """Beside the usual checks the fingerprint must be right. It stands in for the name: a host is reached as 127.0.0.1
    through the tunnel, or at an address that its certificate need not know."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # The certificate is its own anchor: who signed it does not matter where it is known itself.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        more.update(ssl_context=context, assert_fingerprint=self._fingerprint)
        super().init_poolmanager(connections, maxsize, block, **more)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        return super().send(request, stream, timeout or TIMEOUT, verify, cert, proxies)
