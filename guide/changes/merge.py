"""Taking our own lines out of a file that somebody else has edited since (three-way, or not at all)."""

from __future__ import annotations

import difflib


def reverse_edit(before: str | None, after: str, current: str | None) -> str | None:
    """`current` with our edit (`before` -> `after`) taken back; None where our lines are no longer as we left them.

    Each block that we changed must stand in `current` exactly once, so that nothing is guessed.
    """
    if current is None:
        return None
    old = (before or "").splitlines(keepends=True)
    new = after.splitlines(keepends=True)
    result = current.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in reversed(matcher.get_opcodes()):
        if tag == "equal":
            continue
        # One line of context on each side tells where a pure deletion or insertion belongs.
        lead = new[max(new_from - 1, 0) : new_from]
        trail = new[new_to : new_to + 1]
        block = lead + new[new_from:new_to] + trail
        places = _find(result, block)
        if len(places) != 1 or not block:
            return None
        at = places[0]
        result[at : at + len(block)] = lead + old[old_from:old_to] + trail
    return "".join(result)


def _find(lines: list[str], block: list[str]) -> list[int]:
    size = len(block)
    return [start for start in range(len(lines) - size + 1) if lines[start : start + size] == block]
