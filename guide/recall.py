"""The choices of an earlier session on the same host: what was chosen once is not asked again.

Consents and answers about picture and sound are not among them: each session asks for those itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from guide.answers import choices_from
from guide.choices import Choices, IsoSource

KEPT = ("vm", "windows_iso", "virtio_iso", "rom", "rom_name", "pass_audio", "lane")


def kept(choices: Choices) -> dict[str, Any]:
    """What the journal remembers of them, as JSON."""
    values = asdict(choices)
    return {name: values[name] for name in KEPT}


def recalled(memory: Mapping[str, Any]) -> Choices:
    """The remembered choices, else the defaults. Files that are not on this workstation (any more) are left out; the
    ROM is then known by its name on the host."""
    table = memory.get("choices")
    try:
        choices = choices_from(table) if isinstance(table, dict) else Choices()
    except ValueError:
        # Written by another version of the program.
        return Choices()
    if choices.rom and not Path(choices.rom).is_file():
        name = choices.rom_name or Path(choices.rom.replace("\\", "/")).name
        choices = replace(choices, rom="", rom_name=name)
    return replace(choices, windows_iso=_at_hand(choices.windows_iso), virtio_iso=_at_hand(choices.virtio_iso))


def _at_hand(source: IsoSource) -> IsoSource:
    return IsoSource() if source.kind == "upload" and not Path(source.value).is_file() else source
