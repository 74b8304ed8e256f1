"""Reading words: quotes, parameters, substitutions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from practice.shell.printf import unescape
from practice.shell.syntax import (
    Arithmetic,
    Parameter,
    Part,
    Sequence,
    ShellError,
    Substitution,
    Text,
    Unsupported,
    Unterminated,
    Word,
)

if TYPE_CHECKING:
    from practice.shell.parser import Parser

BREAKS = frozenset(" \t\n;&|<>()")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?$!-]")
_BRACED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
_OPERATOR = re.compile(r":[-=+?]|##|%%|[-=+?#%]")
_PLAIN = re.compile(r"[A-Za-z0-9_./:,+=-]+")
"""A run of characters that mean nothing to the reader of words, taken in one piece: scripts come as long words."""

_ANSI = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)


class WordReader:
    """Reads one word at the parser's place; shares its position."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser

    def word(self, stop: frozenset[str] = BREAKS) -> Word:
        """Parts up to the first unquoted character of `stop`. Empty where there is no word."""
        parts: list[Part] = []
        while (char := self.parser.peek()) and char not in stop:
            if char == "'":
                parts.append(Text(self._single(), True))
            elif char == '"':
                self.parser.position += 1
                parts += self._double() or [Text("", True)]
            elif char == "\\":
                parts += self._escape()
            elif char == "$" or char == "`":
                parts.append(self.dollar(False))
            else:
                _append(parts, self._plain(char))
        return tuple(parts)

    def heredoc(self, text: str) -> Word:
        """A here-document's body whose word was not quoted: parameters and substitutions work in it."""
        inner = type(self.parser)(text, self.parser.bash, self.parser.line)
        return tuple(WordReader(inner)._double(end="") or [Text("", True)])

    def dollar(self, quoted: bool) -> Part:
        """What follows a $ (or a backquote)."""
        parser = self.parser
        if parser.peek() == "`":
            return Substitution(self._backquoted(), quoted)
        parser.position += 1
        if parser.text.startswith("((", parser.position):
            return self._arithmetic(quoted)
        if parser.peek() == "(":
            parser.position += 1
            script = parser.sequence()
            parser.expect(")")
            return Substitution(script, quoted)
        if parser.peek() == "{":
            return self._braced(quoted)
        if parser.peek() == "'" and not quoted and parser.bash:
            return Text(self._ansi(), True)
        match = _NAME.match(parser.text, parser.position)
        if match is None:
            return Text("$", quoted)
        parser.position = match.end()
        return Parameter(match[0], quoted=quoted)

    def _single(self) -> str:
        end = self.parser.text.find("'", self.parser.position + 1)
        if end < 0:
            raise Unterminated("Syntax error: Unterminated quoted string")
        text = self.parser.text[self.parser.position + 1 : end]
        self.parser.position = end + 1
        return text

    def _double(self, end: str = '"') -> list[Part]:
        parts: list[Part] = []
        parser = self.parser
        while (char := parser.peek()) != end:
            if not char:
                raise Unterminated("Syntax error: Unterminated quoted string")
            for part in self._double_part(char, special='$`"\\' if end else "$`\\"):
                if isinstance(part, Text):
                    _append(parts, part.text, True)
                else:
                    parts.append(part)
        parser.position += len(end)
        return parts

    def _plain(self, char: str) -> str:
        """That character and those after it that need no look."""
        match = _PLAIN.match(self.parser.text, self.parser.position)
        found = match[0] if match else char
        self.parser.position += len(found)
        return found

    def _double_part(self, char: str, special: str = '$`"\\}') -> list[Part]:
        """One piece between double quotes; a backslash quotes only `special` and a line end."""
        parser = self.parser
        if char in "$`":
            return [self.dollar(True)]
        if char != "\\":
            return [Text(self._plain(char), True)]
        following = parser.text[parser.position + 1 : parser.position + 2]
        parser.position += 2
        if following == "\n":
            return []
        return [Text(following if following and following in special else f"\\{following}", True)]

    def _escape(self) -> list[Part]:
        following = self.parser.text[self.parser.position + 1 : self.parser.position + 2]
        self.parser.position += 2
        return [] if following == "\n" else [Text(following, True)]

    def _ansi(self) -> str:
        """$'...'."""
        match = _ANSI.match(self.parser.text, self.parser.position)
        if match is None:
            raise Unterminated("Syntax error: Unterminated quoted string")
        self.parser.position = match.end()
        return unescape(match[1])

    def _backquoted(self) -> Sequence:
        parser = self.parser
        end = parser.position + 1
        while end < len(parser.text) and parser.text[end] != "`":
            end += 2 if parser.text[end] == "\\" else 1
        body = re.sub(r"\\([$`\\])", r"\1", parser.text[parser.position + 1 : end])
        parser.position = end + 1
        return type(parser)(body, parser.bash, parser.line).program()

    def _arithmetic(self, quoted: bool) -> Part:
        parser = self.parser
        parser.position += 2
        depth, start = 0, parser.position
        while depth or not parser.text.startswith("))", parser.position):
            char = parser.peek()
            if not char:
                raise Unterminated("Syntax error: Missing '))'")
            depth += {"(": 1, ")": -1}.get(char, 0)
            parser.position += 1
        body = parser.text[start : parser.position]
        parser.position += 2
        return Arithmetic(self.heredoc(body), quoted)

    def _braced(self, quoted: bool) -> Part:
        parser = self.parser
        parser.position += 1
        if parser.peek() == "#" and parser.text[parser.position + 1 : parser.position + 2] != "}":
            parser.position += 1
            name = self._match(_BRACED)
            parser.expect("}")
            return Parameter(name, "length", quoted=quoted)
        name = self._match(_BRACED)
        if parser.peek() == "}":
            parser.position += 1
            return Parameter(name, quoted=quoted)
        match = _OPERATOR.match(parser.text, parser.position)
        if match is None:
            raise Unsupported("this ${...}") if self.parser.bash else ShellError("Bad substitution")
        parser.position = match.end()
        # Inside double quotes a single quote is an ordinary character; a pattern after # or % has its own quotes.
        word = self._inside_quotes() if quoted and match[0][-1] in "-=+?" else self.word(frozenset("}"))
        parser.expect("}")
        return Parameter(name, match[0], word, quoted)

    def _inside_quotes(self) -> Word:
        """The word of "${x:-word}"."""
        parts: list[Part] = []
        parser = self.parser
        while (char := parser.peek()) != "}":
            if not char:
                raise Unterminated("Syntax error: Missing '}'")
            if char == '"':
                parser.position += 1
                parts += self._double()
            else:
                parts += self._double_part(char)
        return tuple(parts)

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.parser.text, self.parser.position)
        if match is None:
            raise Unsupported("this ${...}") if self.parser.bash else ShellError("Bad substitution")
        self.parser.position = match.end()
        return match[0]


def _append(parts: list[Part], text: str, quoted: bool = False) -> None:
    """Add characters, joined to a literal of the same kind."""
    if parts and isinstance(parts[-1], Text) and parts[-1].quoted == quoted:
        parts[-1] = Text(parts[-1].text + text, quoted)
    else:
        parts.append(Text(text, quoted))
