"""Which questions are asked, and where their answers come from: the choices first, then the person."""

from __future__ import annotations

from collections.abc import Callable

from guide.choices import Choices
from guide.errors import Declined
from guide.events import Question
from guide.step import Step, View

Ask = Callable[[Question], bool]


def given(choices: Choices, key: str) -> bool | None:
    """The answer in answers.toml; None where it says "ask" (or knows no such question)."""
    return {"yes": True, "no": False}.get(getattr(choices, key, "ask"))


def ask_before(step: Step, view: View, ask: Ask) -> None:
    """Each consent must be a yes, else `Declined` and nothing was done."""
    for question in step.questions(view):
        answer = given(view.choices, question.key)
        if not (ask(question) if answer is None else answer):
            raise Declined(question.title, step=step.number, needs=question.key)


def ask_after(step: Step, view: View, ask: Ask) -> dict[str, bool]:
    """What only the person can see or hear, as values to remember."""
    answers: dict[str, bool] = {}
    for question in step.questions_after(view):
        known = given(view.choices, question.key)
        answers[f"answer.{question.key}"] = ask(question) if known is None else known
    return answers
