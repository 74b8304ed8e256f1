"""Where the application's own data files are (wheel, checkout and frozen bundle alike)."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "resources"


def path(*parts: str) -> Path:
    """The path of a file below resources/."""
    return ROOT.joinpath(*parts)
