"""Role tokens: every colour of the window has a role, in light and dark; the ratio is its contrast on the surface."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tokens:
    """Colours as #rrggbb."""

    dark: bool
    window: str
    surface: str
    raised: str
    line: str
    control: str
    text: str
    quiet: str
    accent: str
    focus: str
    accent_text: str
    good: str
    warn: str
    bad: str
    good_back: str
    warn_back: str
    bad_back: str
    added: str
    removed: str
    added_back: str
    removed_back: str


LIGHT = Tokens(
    dark=False,
    window="#f3f4f7",
    surface="#ffffff",
    raised="#f7f8fa",
    line="#d5d9e0",
    control="#7d879c",  # 3.6:1
    text="#1b2230",  # 15.6:1
    quiet="#56607a",  # 6.3:1
    accent="#1f5fc4",  # 5.9:1
    focus="#0a1f44",  # the ring round whatever has the keyboard
    accent_text="#ffffff",
    good="#1a7340",  # 5.8:1
    warn="#8a5300",  # 6.0:1
    bad="#b3261e",  # 6.5:1
    good_back="#e7f5ec",
    warn_back="#fdf3e0",
    bad_back="#fdecea",
    added="#14602f",
    removed="#9b1c15",
    added_back="#e6f6ea",
    removed_back="#fdebe9",
)

DARK = Tokens(
    dark=True,
    window="#14171d",
    surface="#1c2028",
    raised="#232833",
    line="#333a49",
    control="#74809a",  # 4.1:1
    text="#e8ebf2",  # 13.5:1
    quiet="#a8b1c4",  # 7.5:1
    accent="#6ea8ff",  # 6.7:1
    focus="#ffffff",
    accent_text="#0d1626",
    good="#6fd394",  # 8.8:1
    warn="#f0b95c",  # 9.1:1
    bad="#ff8f85",  # 7.2:1
    good_back="#1d3327",
    warn_back="#3a2f1a",
    bad_back="#412422",
    added="#8be0a8",
    removed="#ff9d94",
    added_back="#1b3324",
    removed_back="#3d2321",
)
