"""All chapters and steps, in the guide's order."""

from __future__ import annotations

from dataclasses import dataclass

from guide.chapters.connect import CheckHost, Connect
from guide.chapters.host import KernelCommandLine, Restart, Vfio
from guide.chapters.machine import CreateMachine
from guide.chapters.media import Media
from guide.chapters.passthrough import Configure, Devices, Rom
from guide.chapters.picture import Done, Driver
from guide.chapters.windows import InstallWindows, RemoteDesktop
from guide.message import Message
from guide.step import Step


@dataclass(frozen=True)
class Chapter:
    """A chapter of the guide; `title` is `chapter.<number>.title`."""

    number: int

    @property
    def title(self) -> Message:
        return Message(f"chapter.{self.number}.title")


CHAPTERS = tuple(Chapter(number) for number in range(6))

STEPS: tuple[Step, ...] = (
    Connect(),
    CheckHost(),
    KernelCommandLine(),
    Vfio(),
    Restart(),
    Media(),
    CreateMachine(),
    InstallWindows(),
    RemoteDesktop(),
    Devices(),
    Rom(),
    Configure(),
    Driver(),
    Done(),
)


def step(step_id: str) -> Step:
    """The step of that id. Raises KeyError."""
    for candidate in STEPS:
        if candidate.id == step_id:
            return candidate
    raise KeyError(step_id)
