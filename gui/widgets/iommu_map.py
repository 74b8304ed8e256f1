"""The map of what leaves the host: one row per group, one chip per device, what would be lost in the warning colour."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from gui.language import Language
from gui.widgets.basic import card, column, label
from guide.clean import clean
from guide.iommu_map import Group, Member, Role, as_lines
from guide.message import message

ACROSS = 3
"""Chips in a row."""

GLYPHS = {
    Role.GRAPHICS: "▣",
    Role.AUDIO: "♪",
    Role.NETWORK: "⇄",
    Role.DISK: "◍",
    Role.KEYBOARD: "⌨",
    Role.BRIDGE: "╪",
    Role.OTHER: "·",
}
"""A sign beside the colour, so that colour is never the only one."""


def map_view(groups: tuple[Group, ...], language: Language) -> QWidget:
    """The whole map; its accessible description is the same content as text."""
    frame, layout = card()
    frame.setAccessibleName(language.say(message("map.title")))
    frame.setAccessibleDescription("\n".join(clean(line) for line in as_lines(groups, language.catalogue)))
    layout.addWidget(label(language.say(message("map.title")), "section"))
    for group in groups:
        key = message("map.no-group") if group.number is None else message("map.group", number=group.number)
        layout.addWidget(label(language.say(key), "quiet"))
        layout.addLayout(_chips(group, language))
    return frame


def _chips(group: Group, language: Language) -> QGridLayout:
    grid = QGridLayout()
    grid.setSpacing(8)
    for number, member in enumerate(sorted(group.members, key=_rank)):
        grid.addWidget(_chip(member, language), number // ACROSS, number % ACROSS)
    for place in range(ACROSS):
        grid.setColumnStretch(place, 1)
    return grid


def _rank(member: Member) -> tuple[bool, bool, str]:
    """What is handed over on purpose first, then what would be lost, then the rest."""
    wanted = member.role in (Role.GRAPHICS, Role.AUDIO)
    return (not wanted, not member.is_loss, member.device.address)


def _chip(member: Member, language: Language) -> QFrame:
    """Name, address, and its fate in words."""
    wanted = member.role in (Role.GRAPHICS, Role.AUDIO) and member.leaves
    role = "badBanner" if member.is_loss else "goodBanner" if wanted else "raised"
    words = "bad" if member.is_loss else "good" if wanted else "quiet"
    arrow = "✗" if member.is_loss else "→" if member.leaves else "○"
    chip = QFrame()
    chip.setObjectName(role)
    layout = column(chip, margin=10, spacing=2)
    device = member.device
    name = clean(device.name or device.ids).removeprefix("Intel Corporation ")
    layout.addWidget(label(f"{GLYPHS[member.role]} {name}"))
    layout.addWidget(label(f"{device.address}  [{device.ids}]", "quiet"))
    layout.addWidget(label(f"{arrow} {language.say(member.fate)}", words))
    layout.setAlignment(Qt.AlignmentFlag.AlignTop)
    return chip
