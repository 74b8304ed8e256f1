"""Takes out of a survey what is nobody's business: addresses of the net, MACs, serials, secrets, names, notes.

Equal words are replaced by equal words, so that what belongs together still does: the address that we are connected
to is still the one of the bridge.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

_MAC = re.compile(r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:.])")
_SERIAL = re.compile(r"\b(serial|wwn|uuid|vmgenid|guid)([=:] ?)([^\s,]+)", re.IGNORECASE)
_ZEROS = "00000000-0000-0000-0000-000000000000"
_SECRET_KEYS = re.compile(
    r"^(\s*(?:cipassword|sshkeys|ciuser|password|username|fingerprint|encryption-key|master-pubkey|subdir|export|server"
    r"|domain|krbd|monhost|keyring|target|portal|hookscript|description|tags|searchdomain|nameserver)\s*[: ]\s*)\S.*$",
    re.MULTILINE,
)
NO_ADDRESSES = ("packages", "kernels", "dkms", "pci", "lspci", "cpu", "virtual", "disks", "inputs", "kernel")
"""Sections where a number with dots or colons is a version or a PCI address."""


def scrub(sections: Mapping[str, str], word: str) -> dict[str, str]:
    """The sections without what identifies a person or a machine; `word` frames the files and is left alone."""
    renamer = _Renamer()
    node = sections.get("node", "").strip()
    found = {}
    for name, text in sections.items():
        clean = _SECRET_KEYS.sub(r"\1removed", text) if name == "files" else text
        clean = _MAC.sub(renamer.mac, clean)
        if name not in NO_ADDRESSES:
            clean = _IPV6.sub(renamer.ipv6, _IPV4.sub(renamer.ipv4, clean))
        if name != "boot_id":
            clean = _UUID.sub(_ZEROS, _SERIAL.sub(_blank, clean))
        if node and node != "pve":
            clean = re.sub(rf"\b{re.escape(node)}\b", "pve", clean)
        found[name] = clean
    return {name: _lines_with(word, text, sections[name]) for name, text in found.items()}


class _Renamer:
    """The first MAC is always BC:24:11:00:00:01, the first address 192.0.2.1, and so on (RFC 5737, RFC 3849)."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._counts = {"mac": 0, "ipv4": 0, "ipv6": 0}

    def mac(self, match: re.Match[str]) -> str:
        return self._name(match[0].lower(), "mac", lambda n: f"BC:24:11:00:{n >> 8:02X}:{n & 255:02X}")

    def ipv4(self, match: re.Match[str]) -> str:
        return self._address(match[0], "ipv4", lambda n: f"192.0.2.{min(n, 254)}")

    def ipv6(self, match: re.Match[str]) -> str:
        return self._address(match[0], "ipv6", lambda n: f"2001:db8::{n:x}")

    def _address(self, text: str, kind: str, make: Callable[[int], str]) -> str:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return text
        return text if address.is_loopback or address.is_unspecified else self._name(text, kind, make)

    def _name(self, text: str, kind: str, make: Callable[[int], str]) -> str:
        if text not in self._known:
            self._counts[kind] += 1
            self._known[text] = make(self._counts[kind])
        return self._known[text]


def _blank(match: re.Match[str]) -> str:
    known = _UUID.fullmatch(match[3])
    return f"{match[1]}{match[2]}{_ZEROS if known else 'removed'}"


def _lines_with(word: str, text: str, original: str) -> str:
    """The frames inside a section must all have survived; a section that lost one is dropped whole."""
    return text if text.count(f"{word} ") == original.count(f"{word} ") else ""
