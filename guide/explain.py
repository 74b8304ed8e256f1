"""The "why" of a step: one Markdown file per step and language, written anew from the guide's fold-outs."""

from __future__ import annotations

from guide.resources import path
from guide.text import LANGUAGES


def explanation(step_id: str, language: str) -> str:
    """Markdown for the fold-out of a step; `step_id` is one of the catalogue of steps."""
    chosen = language if language in LANGUAGES else "en"
    return path("guide", chosen, f"{step_id}.md").read_text(encoding="utf-8")
