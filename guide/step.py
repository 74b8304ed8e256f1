"""A step of a chapter: what it would change, how its outcome is checked, what it asks. Pure, apart from `observe`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from guide.change import Change
from guide.check import Check, passed
from guide.choices import Choices
from guide.events import Question
from guide.facts.model import Facts
from guide.finding import Finding
from guide.host import CancelToken, Host
from guide.message import Message
from guide.state import StepState


@dataclass(frozen=True)
class VmState:
    """What the API says about the VM of the guide right now (chapters 2-4); None where it does not exist yet."""

    vmid: int
    status: str
    config: Mapping[str, Any]
    """GET config: pending values while it runs."""
    running_config: Mapping[str, Any] = field(default_factory=dict)
    """GET config?current=1."""
    digest: str = ""
    lock: str = ""
    agent: bool = False
    """Whether the guest agent answers a ping."""
    addresses: tuple[str, ...] = ()
    """IPv4 addresses of the guest by its net0 MAC, loopback and link-local dropped."""
    rdp_open: bool | None = None
    """Whether the host can open port 3389 of the guest."""
    setup_finished: bool | None = None
    """Whether Windows itself says that setup and first logon are over; None where the agent cannot say."""
    display_adapters: tuple[Mapping[str, Any], ...] = ()
    """Win32_VideoController as read by the agent: Name, PNPDeviceID, ConfigManagerErrorCode, DriverVersion, ..."""
    sound_devices: tuple[Mapping[str, Any], ...] = ()
    monitors: tuple[Mapping[str, Any], ...] = ()
    remote_desktop_enabled: bool | None = None


@dataclass(frozen=True)
class View:
    """All that a step may look at: facts, findings, choices, the VM, and what is remembered from earlier steps."""

    facts: Facts
    findings: tuple[Finding, ...]
    choices: Choices
    vm: VmState | None = None
    memory: Mapping[str, Any] = field(default_factory=dict)
    """From the journal: "vmid" of the VM that we created, answers of the person ("answer.picture"), steps that were
    verified before ("done.install"), the boot id after our restart ("boot_id")."""
    finished: frozenset[str] = frozenset()
    """Ids of the changes that the journal knows as finished and in effect."""
    next_vmid: int | None = None
    """The first free VM number, as the cluster says."""
    api_version: str = ""
    states: Mapping[str, StepState] = field(default_factory=dict)
    """How the steps stand, by their numbers, in order; empty where nobody judged them."""


class Step(ABC):
    """One step. `id` is stable (answers.toml, journal, report); `number` is the guide's own numbering."""

    id: ClassVar[str]
    number: ClassVar[str]
    chapter: ClassVar[int]
    needs_vm: ClassVar[bool] = False
    """Whether planning and checking need `View.vm` (asked from the API before)."""
    optional: ClassVar[bool] = False
    """Whether it may be skipped; the consequence is `step.<id>.skip` in the catalogues."""

    @property
    def title(self) -> Message:
        """The outcome, in words: `step.<id>.title`."""
        return Message(f"step.{self.id}.title")

    @property
    def short(self) -> Message:
        """A name of two or three words, for lists: `step.<id>.short`."""
        return Message(f"step.{self.id}.short")

    @property
    def summary(self) -> Message:
        """One or two sentences: `step.<id>.summary`."""
        return Message(f"step.{self.id}.summary")

    @property
    def verb(self) -> Message:
        """The word on the button: `step.<id>.verb`."""
        return Message(f"step.{self.id}.verb")

    def verb_for(self, changes: tuple[Change, ...]) -> Message:
        """The word on the button now that these changes are planned."""
        return self.verb

    @property
    def skip_consequence(self) -> Message:
        return Message(f"step.{self.id}.skip")

    def blockers(self, view: View) -> tuple[Message, ...]:
        """Why this step cannot act now although the earlier ones are settled (a choice is missing, ...)."""
        return ()

    @abstractmethod
    def changes(self, view: View) -> tuple[Change, ...]:
        """What is still to be done, in order. Empty where the host is already as the guide wants it."""

    @abstractmethod
    def checks(self, view: View) -> tuple[Check, ...]:
        """The claims that prove the step's outcome, judged on what is known now."""

    def questions(self, view: View) -> tuple[Question, ...]:
        """What to ask before the changes are made (consent) - each once; the answer must be yes to go on."""
        return ()

    def questions_after(self, view: View) -> tuple[Question, ...]:
        """What to ask after the changes (does the person see a picture?)."""
        return ()

    def settle(self, context: SettleContext) -> None:
        """Wait until the outcome can be checked (Windows installs, an agent starts). Default: no waiting."""
        return

    def is_fulfilled(self, view: View) -> bool:
        """Whether the outcome is there already. Steps whose outcome does not last override this."""
        return not self.blockers(view) and not self.changes(view) and passed(self.checks(view))


@dataclass
class SettleContext:
    """What `Step.settle` may use. `observe()` reads the VM again."""

    host: Host
    view: View
    observe: Callable[[], View]
    progress: Callable[[float, float | None, str, Message | None], None]
    log: Callable[[Message], None]
    offer: Callable[[Question], Callable[[], bool]]
    """Show a question without waiting; the returned function says whether it was answered with yes by now."""
    cancel: CancelToken
