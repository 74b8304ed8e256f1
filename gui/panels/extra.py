"""Which extra panels a step's page has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from gui.panels.media import MediaForm
from gui.panels.remote import RemotePanel
from gui.panels.small import DevicesForm, RomForm
from gui.panels.undo import UndoPanel
from gui.panels.vm import VmForm
from gui.widgets.basic import card
from guide.message import Message
from guide.state import StepState

if TYPE_CHECKING:
    from gui.step_page import StepPage


def panels_for(page: StepPage) -> list[QWidget]:
    """The panels, top to bottom; choices that have been acted on are no longer offered."""
    maker = _MAKERS.get(page.step.id)
    return maker(page) if maker else []


def _is_done(page: StepPage) -> bool:
    return page.snapshot is not None and page.snapshot.steps[page.step.id].state is StepState.DONE


def _media(page: StepPage) -> list[QWidget]:
    view = page.snapshot.view if page.snapshot else None
    return [] if view is None or _is_done(page) else [MediaForm(view, page.choices, page.choices_edited.emit)]


def _create(page: StepPage) -> list[QWidget]:
    view = page.snapshot.view if page.snapshot else None
    return [] if view is None or _is_done(page) else [VmForm(view, page.choices, page.choices_edited.emit)]


def _devices(page: StepPage) -> list[QWidget]:
    return [] if _is_done(page) else [DevicesForm(page.choices, page.choices_edited.emit)]


def _rom(page: StepPage) -> list[QWidget]:
    view = page.snapshot.view if page.snapshot else None
    return [] if view is None else [RomForm(view, page.choices, page.choices_edited.emit, page.language)]


def _remote(page: StepPage) -> list[QWidget]:
    view = page.snapshot.view if page.snapshot else None
    addresses = view.vm.addresses if view and view.vm else ()
    return [RemotePanel(addresses[0])] if addresses else []


def _reboot(page: StepPage) -> list[QWidget]:
    frame, layout = card("raised")
    text = QLabel()
    text.setTextFormat(Qt.TextFormat.MarkdownText)
    text.setWordWrap(True)
    text.setText(page.language.say(Message("reboot.recovery")))
    layout.addWidget(text)
    return [frame]


def _done(page: StepPage) -> list[QWidget]:
    items = page.snapshot.undo if page.snapshot else ()
    return [UndoPanel(items, page.language, page.undo_wanted.emit)]


_MAKERS: dict[str, Callable[[StepPage], list[QWidget]]] = {
    "media": _media,
    "create": _create,
    "devices": _devices,
    "check": _devices,
    "rom": _rom,
    "remote": _remote,
    "driver": _remote,
    "reboot": _reboot,
    "done": _done,
}
