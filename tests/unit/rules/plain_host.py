"""A plain N100 host on PVE 8.2, with changes: what the cases of rules and remedies are made of."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from guide.facts.frame import framed
from guide.facts.model import Facts
from guide.facts.survey import parse_survey
from guide.facts.vms import vm_lines

BASE = json.loads((Path(__file__).resolve().parent / "base.json").read_text(encoding="utf-8"))


def facts_of(case: dict[str, Any]) -> Facts:
    """`base.json` with the sections, files, VMs and PCI rows of the case in their places."""
    sections = {**BASE["sections"], **case.get("sections", {})}
    word = BASE["word"]
    if "files" in case:
        sections["files"] = _with_files(sections["files"], case["files"], word)
    if "vms" in case:
        sections["vms"] = vm_lines({int(number): text for number, text in case["vms"].items()})
    rows = {line.split()[0]: line for line in sections["pci"].splitlines()}
    rows.update({line.split()[0]: line for line in case.get("pci", [])})
    sections["pci"] = "\n".join(rows[key] for key in sorted(rows) if key not in case.get("pci_without", []))
    return parse_survey(sections, word, BASE["taken_at"] - case.get("clock_offset", 0))


def _with_files(section: str, files: dict[str, str], word: str) -> str:
    kept = section
    for path in files:
        start = re.search(rf"^{word} file {re.escape(path)}$", kept, re.MULTILINE)
        if start:
            end = kept.index(f"{word} eof", start.start()) + len(f"{word} eof")
            kept = kept[: start.start()] + kept[end:].lstrip("\n")
    return "\n".join(part for part in (kept.rstrip("\n"), framed(files, word)) if part)
