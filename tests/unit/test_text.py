"""Both languages say the same things: same files, same keys, same places; and every key that the code uses exists."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from guide.chapters.catalogue import CHAPTERS, STEPS
from guide.message import message
from guide.text import LANGUAGES, Catalogue

ROOT = Path(__file__).resolve().parents[2]
USED = re.compile(r"""(?:message|Message|claim|judged|template|word)\(\s*f?"([a-z0-9_.{}'-]+)\"""")


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_languages_have_the_same_keys() -> None:
    english, chinese = (Catalogue.load(language) for language in LANGUAGES)
    assert english.keys == chinese.keys


def test_languages_have_the_same_places() -> None:
    english, chinese = (Catalogue.load(language) for language in LANGUAGES)
    differing = [k for k in english.keys & chinese.keys if places(english.template(k)) != places(chinese.template(k))]
    assert differing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty(language: str) -> None:
    catalogue = Catalogue.load(language)
    assert [key for key in catalogue.keys if not catalogue.template(key)] == []


def test_every_key_in_the_code_exists() -> None:
    catalogue = Catalogue.load("en")
    missing = []
    for file in sorted((ROOT / "guide").rglob("*.py")):
        for key in USED.findall(file.read_text(encoding="utf-8")):
            if "." in key and "{" not in key and not catalogue.has(key):
                missing.append(f"{file.name}: {key}")
    assert missing == []


def test_steps_and_chapters_have_their_sentences() -> None:
    catalogue = Catalogue.load("en")
    keys = [f"chapter.{chapter.number}.title" for chapter in CHAPTERS]
    keys += [f"step.{step.id}.{part}" for step in STEPS for part in ("title", "short", "summary", "verb")]
    keys += [f"step.{step.id}.skip" for step in STEPS if step.optional]
    assert [key for key in keys if not catalogue.has(key)] == []


def test_places_are_filled_and_braces_in_data_are_harmless() -> None:
    text = Catalogue.load("en").render(message("blocker.file-missing", path="/tmp/{x}{0}"))
    assert text == "There is no such file on this computer: /tmp/{x}{0}"
