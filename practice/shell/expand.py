"""Word expansion: parameters, command substitution, arithmetic, field splitting, file names (POSIX XCU 2.6)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from practice.shell.arithmetic import calculate
from practice.shell.pattern import expand_files, literal, plain, trim
from practice.shell.syntax import Arithmetic, Parameter, Part, ShellError, Substitution, Text, Unsupported, Word

if TYPE_CHECKING:
    from practice.shell.interpreter import Shell

BLANK = " \t\n"
_BRACES = re.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")
_SUBSTITUTES = ("-", ":-", "+", ":+")


class UnsetParameter(ShellError):
    """${x:?message}, or an unset parameter under `set -u`."""

    def status(self, bash: bool) -> int:
        return 127 if bash else 2


async def fields(shell: Shell, words: tuple[Word, ...]) -> list[str]:
    """All words expanded to arguments."""
    found: list[str] = []
    for word in words:
        collected = Fields(shell.variables.get("IFS", BLANK))
        await _collect(shell, word, collected)
        for pattern in collected.end():
            if "f" in shell.options:
                found.append(plain(pattern))
            else:
                found += expand_files(shell.machine.fs, shell.cwd, pattern)
    return found


async def single(shell: Shell, word: Word) -> str:
    """One word as one string: no splitting, no file names (assignments, redirections)."""
    return plain(await pattern(shell, word))


async def pattern(shell: Shell, word: Word) -> str:
    """One word as a pattern: quoted characters are literal, unquoted * ? [ are magic."""
    out = []
    for number, part in enumerate(word):
        if isinstance(part, Text):
            out.append(literal(part.text) if part.quoted else _tilde(shell, part.text, number == 0))
            continue
        value = await _value(shell, part)
        text = " ".join(value) if isinstance(value, list) else value
        out.append(literal(text) if part.quoted else text.replace("\\", "\\\\"))
    return "".join(out)


class Fields:
    """Builds the fields of one word. Fields are patterns: what was quoted is escaped."""

    def __init__(self, separators: str) -> None:
        self._separators = separators
        self._done: list[str] = []
        self._current: str | None = None

    def add(self, pattern: str) -> None:
        """Characters that belong to the current field whatever they are."""
        self._current = (self._current or "") + pattern

    def split(self, value: str) -> None:
        """The result of an unquoted expansion, cut at IFS."""
        place = 0
        for match in _delimiter(self._separators).finditer(value):
            if not match[0]:
                continue
            self._some(value[place : match.start()])
            if self._current is not None or match[0].strip(BLANK):
                self.close()
            place = match.end()
        self._some(value[place:])

    def close(self) -> None:
        """End the current field, even an empty one."""
        self._done.append(self._current or "")
        self._current = None

    def close_started(self) -> None:
        if self._current is not None:
            self.close()

    def end(self) -> list[str]:
        self.close_started()
        return self._done

    def _some(self, value: str) -> None:
        if value:
            self.add(value.replace("\\", "\\\\"))


@cache
def _delimiter(separators: str) -> re.Pattern[str]:
    """Blanks of IFS together are one delimiter, and so is any other character of IFS with the blanks around it."""
    blanks = "".join(re.escape(char) for char in separators if char in BLANK)
    others = "".join(re.escape(char) for char in separators if char not in BLANK)
    around = f"[{blanks}]*" if blanks else ""
    alternatives = ([f"{around}[{others}]{around}"] if others else []) + ([f"[{blanks}]+"] if blanks else [])
    return re.compile("|".join(alternatives) or r"(?!)")


def split_at_ifs(value: str, separators: str, most: int) -> list[str]:
    """What `read` does: at most `most` fields, the last one keeps the rest without the blanks around it."""
    blanks = "".join(char for char in separators if char in BLANK)
    found: list[str] = []
    rest = value.strip(blanks)
    while rest and len(found) < most - 1:
        match = _delimiter(separators).search(rest)
        if match is None:
            break
        found.append(rest[: match.start()])
        rest = rest[match.end() :]
    if rest:
        # One delimiter at the very end is not part of the last field when nothing else is left to cut.
        whole = [found_match for found_match in _delimiter(separators).finditer(rest) if found_match[0]]
        if len(whole) == 1 and whole[0].end() == len(rest):
            rest = rest[: whole[0].start()]
        found.append(rest)
    return found


async def _collect(shell: Shell, word: Word, into: Fields, inside: bool = False) -> None:
    """Add the parts of a word. `inside` ${x:-...} even literal text is split."""
    for number, part in enumerate(word):
        if isinstance(part, Text):
            if part.quoted:
                into.add(literal(part.text))
            elif inside:
                into.split(part.text)
            else:
                if shell.bash and _BRACES.search(part.text):
                    raise Unsupported(f"brace expansion: {part.text}")
                into.add(_tilde(shell, part.text, number == 0))
        elif isinstance(part, Parameter) and part.operator in _SUBSTITUTES:
            await _substitute(shell, part, into)
        else:
            _add(into, await _value(shell, part), part.quoted)


def _add(into: Fields, value: str | list[str], quoted: bool) -> None:
    pieces = value if isinstance(value, list) else [value]
    for number, piece in enumerate(pieces):
        if number and quoted:
            into.close()
        elif number:
            into.close_started()
        if quoted:
            into.add(literal(piece))
        else:
            into.split(piece)


async def _substitute(shell: Shell, part: Parameter, into: Fields) -> None:
    """${x-word} and ${x+word}: the word takes the place of the parameter, with its own quotes and fields."""
    value = shell.parameter(part.name)
    unset = value is None or (part.operator.startswith(":") and not value)
    if part.operator.endswith("+") == unset:
        if not part.operator.endswith("+"):
            _add(into, value or "", part.quoted)
        elif part.quoted:
            into.add("")
    elif part.quoted and not any(_all_arguments(inner) for inner in part.word):
        into.add(literal(await single(shell, part.word)))
    else:
        await _collect(shell, part.word, into, inside=True)


def _all_arguments(part: Part) -> bool:
    return isinstance(part, Parameter) and part.name == "@"


def _tilde(shell: Shell, text: str, first: bool) -> str:
    if first and re.match(r"~(?:/|$)", text):
        return literal(shell.variables.get("HOME", "/root")) + text[1:]
    return text


async def _value(shell: Shell, part: Part) -> str | list[str]:
    if isinstance(part, Text):
        return part.text
    if isinstance(part, Substitution):
        return (await shell.capture(part.script)).rstrip("\n")
    if isinstance(part, Arithmetic):
        return str(calculate(await single(shell, part.expression), shell.variables))
    return await _parameter(shell, part)


async def _parameter(shell: Shell, part: Parameter) -> str | list[str]:
    value = shell.parameter(part.name)
    if part.name == "*" and part.quoted and isinstance(value, list):
        value = shell.variables.get("IFS", " ")[:1].join(value)
    sign = part.operator
    unset = value is None or (sign.startswith(":") and not value)
    if sign in _SUBSTITUTES:
        chosen = unset != sign.endswith("+")
        return await single(shell, part.word) if chosen else "" if sign.endswith("+") or value is None else value
    if sign in ("=", ":=") and unset:
        shell.assign(part.name, await single(shell, part.word))
        return shell.variables[part.name]
    if sign in ("?", ":?") and unset:
        said = "parameter not set"
        if sign == ":?":
            said = "parameter null or not set" if shell.bash else "parameter not set or null"
        raise UnsetParameter(f"{part.name}: {await single(shell, part.word) or said}")
    if value is None:
        if "u" in shell.options:
            raise UnsetParameter(f"{part.name}: {'unbound variable' if shell.bash else 'parameter not set'}")
        return "0" if sign == "length" else ""
    return await _changed(shell, part, value)


async def _changed(shell: Shell, part: Parameter, value: str | list[str]) -> str | list[str]:
    """${#x} and ${x#pattern}."""
    text = value if isinstance(value, str) else " ".join(value)
    if part.operator == "length":
        # dash counts bytes, bash characters.
        return str(len(text) if shell.bash else len(text.encode()))
    if part.operator in ("#", "##", "%", "%%"):
        return trim(text, await pattern(shell, part.word), part.operator)
    return value
