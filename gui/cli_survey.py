"""What `pve-igpu survey` prints: the host at a glance, what would leave it, and every finding."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from gui.cli_listener import Listener
from guide.bundle.store import save_bundle
from guide.choices import Choices
from guide.clean import clean
from guide.facts.model import Facts
from guide.iommu_map import as_lines, iommu_map
from guide.message import message
from guide.overview import overview, spoken
from guide.remedies import offered
from guide.report import finding_as_json, summary
from guide.rules import judge
from guide.session import Session
from guide.text import Catalogue


def show(facts: Facts, options: argparse.Namespace, catalogue: Catalogue, session: Session | None = None) -> int:
    """`session` is there when the facts come from a connected host."""
    choices = session.choices if session else Choices()
    findings = session.view.findings if session and session.view else judge(facts, choices)
    if options.save:
        save_bundle(facts, options.save)
    if options.json:
        said = summary(session, catalogue) if session else {}
        said["findings"] = [finding_as_json(finding, catalogue) for finding in findings]
        said["map"] = as_lines(iommu_map(facts, choices), catalogue)
        print(json.dumps({"facts": facts_as_json(facts), **said}, indent=2, ensure_ascii=False))
        return 0
    _print_overview(facts, choices, catalogue)
    listener = Listener(catalogue)
    listener.findings(findings, offered(session.view) if session and session.view else frozenset())
    if not findings:
        print("\n" + catalogue.render(message("survey.none")))
    if options.save:
        print("\n" + catalogue.render(message("survey.saved", path=options.save)))
    return 0


def facts_as_json(facts: Facts) -> dict[str, Any]:
    """The facts without the raw sections, in JSON's types."""
    plain = asdict(facts)
    for name in ("sections", "word"):
        plain.pop(name)
    return json.loads(json.dumps(plain, default=_plain))


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else getattr(value, "value", str(value))


def _print_overview(facts: Facts, choices: Choices, catalogue: Catalogue) -> None:
    print(catalogue.render(message("overview.title")))
    unknown = catalogue.render(message("overview.unknown"))
    for line in overview(facts):
        print(f"  {catalogue.render(line.label)}: {spoken(line, catalogue) or unknown}")
    drawn = as_lines(iommu_map(facts, choices), catalogue)
    if drawn:
        print("\n" + catalogue.render(message("map.title")))
        print("\n".join(f"  {clean(line)}" for line in drawn))
