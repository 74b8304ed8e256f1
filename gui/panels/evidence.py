"""The evidence for every claim of the guide: one fold-out per step."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.language import Language
from gui.snapshot import Snapshot
from gui.widgets.basic import card
from gui.widgets.checks import checks_view
from gui.widgets.foldout import FoldOut
from guide.chapters.catalogue import STEPS
from guide.check import Verdict


def evidence_view(snapshot: Snapshot, language: Language) -> QWidget:
    """State and number of proven claims in the title, the claims inside."""
    frame, layout = card()
    layout.setSpacing(2)
    for step in STEPS:
        mine = snapshot.steps[step.id]
        if step.id == "done" or not mine.evidence:
            continue
        proven = sum(check.verdict is Verdict.OK for check in mine.evidence)
        word = language.catalogue.template(f"state.{mine.state.value}")
        fold = FoldOut(checks_view(mine.evidence, language, acted=True))
        title = f"{mine.state.glyph} {step.number}  {language.say(step.title)}"
        fold.set_title(f"{title}  –  {word}, {proven}/{len(mine.evidence)}")
        layout.addWidget(fold)
    return frame
