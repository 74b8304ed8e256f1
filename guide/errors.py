"""Errors of the engine; those of the transport are in `ssh.errors`. Exit codes are documented in the README."""

from __future__ import annotations

from guide.message import Message
from ssh.errors import (
    ApiRefused,
    AppError,
    AuthenticationFailed,
    Cancelled,
    CommandFailed,
    ConnectionFailed,
    ConnectionLost,
    FileChangedMeanwhile,
    FileNotWritten,
    TaskFailed,
)

__all__ = [
    "AnswerMissing",
    "AnswersInvalid",
    "ApiRefused",
    "AppError",
    "AuthenticationFailed",
    "BundleUnreadable",
    "Cancelled",
    "CommandFailed",
    "ConfigRefused",
    "ConnectionFailed",
    "ConnectionLost",
    "Declined",
    "FileChangedMeanwhile",
    "FileNotWritten",
    "FindingForbids",
    "GopLocked",
    "GuestFailed",
    "HostNotBack",
    "JournalBroken",
    "NoBios",
    "NoGop",
    "NoHelper",
    "PlanChanged",
    "PracticeUnusable",
    "Reasoned",
    "RomNotMade",
    "StepNotReady",
    "SurveyFailed",
    "TaskFailed",
    "UndoConflict",
    "VerificationFailed",
]


class Reasoned(AppError):
    """An error that has reasons: sentences that whoever shows it says in the person's language."""

    def __init__(self, *reasons: Message, **params: str) -> None:
        super().__init__(**params)
        self.reasons = reasons


class SurveyFailed(AppError):
    """The survey script gave nothing usable. detail: what came back."""

    code = "survey-failed"
    exit_code = 12


class BundleUnreadable(AppError):
    """A file is no survey. Params: path. detail: why."""

    code = "bundle-unreadable"
    exit_code = 2


class PracticeUnusable(AppError):
    """There is no such practice machine, or its file is not valid. Params: name. detail: file, key, what is allowed."""

    code = "practice-unusable"
    exit_code = 2


class RomNotMade(AppError):
    """The parts for a ROM are not there; the subclass says which."""

    exit_code = 16


class NoBios(RomNotMade):
    """The first file is neither a BIOS image nor a GOP driver nor a ROM with one."""

    code = "rom-no-bios"


class NoGop(RomNotMade):
    """No Intel GOP driver is in it."""

    code = "rom-no-gop"


class GopLocked(RomNotMade):
    """Parts of the BIOS image are packed by a method that is not read here."""

    code = "rom-gop-locked"


class NoHelper(RomNotMade):
    """The second file holds no helper that is known."""

    code = "rom-no-helper"


class FindingForbids(Reasoned):
    """Findings stop the guide; nothing is written. Reasons: their claims. Params: finding (the first one's id)."""

    code = "finding-forbids"
    exit_code = 10


class PlanChanged(AppError):
    """The host is not what it was when the plan was approved. Params: step. detail: the difference."""

    code = "plan-changed"
    exit_code = 12


class StepNotReady(Reasoned):
    """An earlier step is not settled, or a choice is missing. Reasons: what blocks it. Params: step, needs."""

    code = "step-not-ready"
    exit_code = 14


class Declined(StepNotReady):
    """The person did not agree. Reasons: the title of the question. Params: step, needs (the question's key)."""

    code = "declined"


class AnswerMissing(AppError):
    """A question has no answer and nobody is there to ask. Params: key."""

    code = "answer-missing"
    exit_code = 14


class AnswersInvalid(AppError):
    """answers.toml cannot be used. Params: file, reason."""

    code = "answers-invalid"
    exit_code = 2


class VerificationFailed(Reasoned):
    """A step ran, but a check says that it is not so. Reasons: the claims. Params: step, checks (their ids)."""

    code = "verification-failed"
    exit_code = 13


class GuestFailed(AppError):
    """A command inside Windows failed. Params: command, status. detail: what Windows said."""

    code = "guest-failed"
    exit_code = 12


class HostNotBack(AppError):
    """The host did not come back after the restart. Params: host, seconds."""

    code = "host-not-back"
    exit_code = 11


class ConfigRefused(AppError):
    """PVE's own check (`qm showcmd`) refused the VM's new lines; they were taken back. Params: vmid. detail: why."""

    code = "config-refused"
    exit_code = 12


class UndoConflict(AppError):
    """Somebody else changed the same thing since; undo leaves it alone. Params: what. detail: the difference."""

    code = "undo-conflict"
    exit_code = 12


class JournalBroken(AppError):
    """A journal line cannot be read. Params: path, line."""

    code = "journal-broken"
    exit_code = 12
