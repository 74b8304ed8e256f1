"""What a step's page holds beside its sentences: notes first, then its form, then plan and checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gui.panels.console import ConsolePanel
from gui.panels.evidence import evidence_view
from gui.panels.form import ChoiceForm, Edit
from gui.panels.media import MediaForm
from gui.panels.recheck import recheck_view
from gui.panels.remote import RemotePanel
from gui.panels.small import DevicesForm, LaneForm, RomForm, SurveyPanel, recovery_card, rom_card
from gui.panels.undo import UndoPanel
from gui.panels.vm import VmForm
from gui.widgets.basic import label
from gui.widgets.checks import Mending, checks_view, findings_view
from gui.widgets.iommu_map import map_view
from gui.widgets.overview import overview_view
from gui.widgets.preview import changes_view
from guide.iommu_map import iommu_map
from guide.message import message
from guide.recheck import recheck
from guide.remedies import offered
from guide.state import StepState
from guide.step import View

if TYPE_CHECKING:
    from gui.step_page import StepPage

JUDGED = (StepState.DONE, StepState.FAILED)
"""Before a step was done, a claim that does not hold is no failure, only not so yet."""


def notes_for(page: StepPage) -> list[QWidget]:
    """What the person must know before acting."""
    snapshot, step_id = page.snapshot, page.step.id
    if snapshot is None:
        return []
    if step_id == "check" and snapshot.view is not None:
        return [findings_view(snapshot.findings, page.language, page.theme.tokens, _mending(page)), *_map(page)]
    if step_id == "devices":
        return _map(page)
    if step_id == "reboot":
        return [recovery_card(page.language)]
    if step_id == "install" and not snapshot.steps[step_id].state.is_settled:
        return [ConsolePanel(snapshot.web_page, snapshot.vmid)]
    if step_id in ("remote", "driver") and snapshot.addresses:
        return [RemotePanel(snapshot.addresses[0])]
    return []


def _mending(page: StepPage) -> Mending | None:
    """The remedies that the program can apply on this host."""
    view = page.snapshot.view if page.snapshot else None
    if view is None:
        return None

    def toggle(identity: str) -> None:
        edit: Edit = lambda old: replace(old, remedies=old.remedies ^ {identity})  # noqa: E731
        page.choices_edited.emit(page.step.id, edit)

    return Mending(offered(view), page.choices.remedies, toggle)


def _map(page: StepPage) -> list[QWidget]:
    """The IOMMU groups that are touched."""
    view = page.snapshot.view if page.snapshot else None
    groups = iommu_map(view.facts, page.choices) if view else ()
    return [map_view(groups, page.language)] if groups else []


def form_for(page: StepPage) -> ChoiceForm | None:
    """The step's choices; those that have been acted on are no longer offered."""
    view = page.snapshot.view if page.snapshot else None
    maker = _FORMS.get(page.step.id)
    if view is None or maker is None or (page.snapshot and page.snapshot.steps[page.step.id].state.is_settled):
        return None
    return maker(page, view, lambda edit: page.choices_edited.emit(page.step.id, edit))


def results_for(page: StepPage) -> list[QWidget]:
    """Plan and checks; on the last page the evidence of all steps and the way back."""
    snapshot, language, tokens = page.snapshot, page.language, page.theme.tokens
    if snapshot is None:
        return []
    mine = snapshot.steps[page.step.id]
    shown: list[QWidget] = []
    if page.step.id == "rom" and snapshot.rom is not None:
        shown.append(rom_card(snapshot.rom, language))
    if mine.plan.changes:
        shown += [
            _section(QCoreApplication.translate("StepPage", "What will change")),
            changes_view(mine.plan.changes, language, tokens),
        ]
    # The check page shows its findings whole; as checks they would only be said twice.
    if mine.checks and not (page.step.id == "check" and snapshot.findings):
        acted = mine.state in JUDGED
        shown += [_section(QCoreApplication.translate("StepPage", "Checks")), checks_view(mine.checks, language, acted)]
    if page.step.id == "check" and snapshot.view is not None:
        shown += [overview_view(snapshot.view.facts, language), SurveyPanel(page.survey_wanted.emit)]
    if page.step.id == "done":
        shown += _recheck(page)
        shown += [_section(QCoreApplication.translate("StepPage", "Evidence")), evidence_view(snapshot, language)]
        undo = UndoPanel(snapshot.undo, language, page.undo_wanted.emit)
        shown += [_section(QCoreApplication.translate("StepPage", "Undo")), undo]
    return shown


def _recheck(page: StepPage) -> list[QWidget]:
    """Whether what was set up still fits."""
    view, language = page.snapshot.view if page.snapshot else None, page.language
    if view is None:
        return []
    shown = recheck_view(recheck(view), language, page.theme.tokens, page.recheck_wanted.emit)
    return [_section(language.say(message("recheck.title"))), shown]


def _section(text: str) -> QWidget:
    return label(text, "section")


_Maker = Callable[["StepPage", View, Callable[[Edit], None]], ChoiceForm]

_FORMS: dict[str, _Maker] = {
    "check": lambda page, view, edited: DevicesForm(page.choices, edited),
    "media": lambda page, view, edited: MediaForm(view, page.choices, edited),
    "create": lambda page, view, edited: VmForm(view, page.choices, edited),
    "remote": lambda page, view, edited: LaneForm(page.choices, edited),
    "devices": lambda page, view, edited: DevicesForm(page.choices, edited),
    "rom": lambda page, view, edited: RomForm(page.choices, edited),
}
