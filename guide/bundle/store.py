"""The bundle: one JSON file with the scrubbed sections of one survey.

`{"format": "pve-igpu survey 1", "taken_at": seconds, "word": "@...", "sections": {name: text}}`
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from guide.bundle.folder import read_folder
from guide.bundle.scrub import scrub
from guide.errors import BundleUnreadable
from guide.facts.model import Facts
from guide.facts.survey import parse_survey

FORMAT = "pve-igpu survey 1"
MOST_BYTES = 8 << 20
"""A survey has less than 100 KB; what is far larger is something else."""


def save_bundle(facts: Facts, path: Path) -> None:
    """Write what the host said, without secrets, serials, MACs and addresses, for somebody else to read."""
    data = {
        "format": FORMAT,
        "taken_at": int(facts.taken_at),
        "word": facts.word,
        "sections": scrub(facts.sections, facts.word),
    }
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def load_bundle(path: Path) -> Facts:
    """Facts from a bundle or from a folder of transcripts. Raises `BundleUnreadable`, whatever the file is."""
    if path.is_dir():
        return read_folder(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        data = json.loads(raw) if len(raw) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleUnreadable(str(error), path=str(path)) from error
    sections, word, taken_at = _parts(data)
    if sections is None:
        raise BundleUnreadable(path=str(path))
    return parse_survey(sections, word, taken_at)


def _parts(data: Any) -> tuple[dict[str, str] | None, str, float]:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return None, "", 0.0
    sections, word, taken_at = data.get("sections"), data.get("word"), data.get("taken_at")
    if not isinstance(sections, dict) or not isinstance(word, str) or not word:
        return None, "", 0.0
    texts = {str(name): text for name, text in sections.items() if isinstance(text, str)}
    return texts, word, float(taken_at) if isinstance(taken_at, int | float) else 0.0
