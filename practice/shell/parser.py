"""From text to a syntax tree: the grammar of POSIX sh (XCU 2.10), by recursive descent.

tree-sitter-bash was tried first: it joins commands across line ends (`a | b 2>x` followed by a new line), so its
trees cannot be executed.
"""

from __future__ import annotations

import re

from practice.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    ShellSyntaxError,
    Simple,
    Text,
    While,
    Word,
)
from practice.shell.words import BREAKS, WordReader

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[ \t]*\([ \t]*\)")
_REDIRECT = re.compile(r"(\d*)(<<<|<<-|<<|>>|>&|<&|>\||<|>)")
_RESERVED = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_REFUSED = frozenset({"select", "coproc", "[[", "time"})


class Parser:
    """One pass over a script. `position` is shared with the word reader."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._words = WordReader(self)

    def program(self) -> Sequence:
        """The whole script. Raises `ShellSyntaxError`."""
        script = self.sequence()
        if self.position < len(self.text):
            raise ShellSyntaxError(f'"{self.text[self.position]}" unexpected')
        return script

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def expect(self, token: str) -> None:
        self._blank(lines=True)
        if not self.text.startswith(token, self.position):
            shown = self.peek() or "end of file"
            raise ShellSyntaxError(f'"{shown}" unexpected (expecting "{token}")')
        self.position += len(token)

    def sequence(self) -> Sequence:
        """Commands up to a reserved word, a closing parenthesis, `;;` or the end; the end mark is not consumed."""
        items: list[AndOr] = []
        while True:
            self._blank(lines=True)
            if not self.peek() or self.peek() == ")" or self.text.startswith(";;", self.position):
                break
            if self._reserved() in _RESERVED:
                break
            item = self._and_or()
            self._blank()
            background = self.peek() == "&" and not self.text.startswith("&&", self.position)
            items.append(AndOr(item.first, item.rest, background))
            if background or (self.peek() == ";" and not self.text.startswith(";;", self.position)):
                self.position += 1
            elif self.peek() not in ("\n", "", ")") and not self.text.startswith(";;", self.position):
                raise ShellSyntaxError(f'"{self.peek()}" unexpected')
        return Sequence(tuple(items))

    def _and_or(self) -> AndOr:
        first = self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while True:
            self._blank()
            operator = self.text[self.position : self.position + 2]
            if operator not in ("&&", "||"):
                return AndOr(first, tuple(rest))
            self.position += 2
            self._blank(lines=True)
            rest.append((operator, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        self._blank()
        negated = self._take_word("!")
        commands = [self._command()]
        while True:
            self._blank()
            if self.peek() != "|" or self.text.startswith("||", self.position):
                return Pipeline(tuple(commands), negated)
            self.position += 1
            self._blank(lines=True)
            commands.append(self._command())

    def _command(self) -> Command:
        self._blank()
        word = self._reserved()
        if word in _REFUSED:
            raise ShellSyntaxError(f"practice host: not supported: {word}")
        if word in _RESERVED:
            raise ShellSyntaxError(f'"{word}" unexpected')
        function = _FUNCTION.match(self.text, self.position)
        if function and word == function[1]:
            self.position = function.end()
            self._blank(lines=True)
            return Function(function[1], self._command())
        compound = self._compound(word)
        if compound is None:
            return self._simple()
        redirects = self._redirects()
        return Redirected(compound, redirects) if redirects else compound

    def _compound(self, word: str) -> Command | None:
        if self.peek() == "(":
            self.position += 1
            body = self.sequence()
            self.expect(")")
            return Group(body, True)
        handlers = {"{": self._braces, "if": self._if, "for": self._for, "case": self._case}
        if word in ("while", "until"):
            self.position += len(word)
            condition = self.sequence()
            return While(condition, self._do(), word == "until")
        handler = handlers.get(word)
        if handler is None:
            return None
        self.position += len(word)
        return handler()

    def _braces(self) -> Command:
        body = self.sequence()
        self.expect("}")
        return Group(body, False)

    def _if(self) -> Command:
        clauses = []
        while True:
            condition = self.sequence()
            self.expect("then")
            clauses.append((condition, self.sequence()))
            if self._take_word("elif"):
                continue
            otherwise = self.sequence() if self._take_word("else") else None
            self.expect("fi")
            return If(tuple(clauses), otherwise)

    def _for(self) -> Command:
        self._blank()
        name = self._words.word()
        if len(name) != 1 or not isinstance(name[0], Text):
            raise ShellSyntaxError("Bad for loop variable")
        self._blank(lines=True)
        words: tuple[Word, ...] | None = None
        if self._take_word("in"):
            found: list[Word] = []
            self._blank()
            while word := self._words.word():
                found.append(word)
                self._blank()
            words = tuple(found)
        self._blank()
        if self.peek() == ";":
            self.position += 1
        return For(name[0].text, words, self._do())

    def _do(self) -> Sequence:
        self.expect("do")
        body = self.sequence()
        self.expect("done")
        return body

    def _case(self) -> Command:
        self._blank()
        subject = self._words.word()
        self.expect("in")
        items: list[tuple[tuple[Word, ...], Sequence]] = []
        while True:
            self._blank(lines=True)
            if self._take_word("esac"):
                return Case(subject, tuple(items))
            if self.peek() == "(":
                self.position += 1
            patterns = []
            while True:
                self._blank()
                patterns.append(self._words.word())
                self._blank()
                if self.peek() != "|":
                    break
                self.position += 1
            self.expect(")")
            body = self.sequence()
            self._blank(lines=True)
            if self.text.startswith(";;", self.position):
                self.position += 2
            items.append((tuple(patterns), body))

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            self._blank()
            redirect = self._redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            match = _ASSIGNMENT.match(self.text, self.position)
            if match and not words:
                self.position = match.end()
                assignments.append((match[1], self._words.word()))
                continue
            word = self._words.word()
            if not word:
                break
            words.append(word)
        if not assignments and not words and not redirects:
            raise ShellSyntaxError(f'"{self.peek() or "end of file"}" unexpected')
        simple = Simple(tuple(assignments), tuple(words))
        return Redirected(simple, tuple(redirects)) if redirects else simple

    def _redirects(self) -> tuple[Redirect, ...]:
        found: list[Redirect] = []
        while True:
            self._blank()
            redirect = self._redirect()
            if redirect is None:
                return tuple(found)
            found.append(redirect)

    def _redirect(self) -> Redirect | None:
        match = _REDIRECT.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        operator = match[2].rstrip("|")
        descriptor = int(match[1]) if match[1] else (0 if operator.startswith("<") else 1)
        self._blank()
        target = self._words.word()
        if not target:
            raise ShellSyntaxError("redirection unexpected")
        if operator == "<<<":
            return Redirect(descriptor, "<<", (*target, Text("\n", True)))
        if operator in ("<<", "<<-"):
            return Redirect(descriptor, "<<", self._heredoc(target, operator == "<<-"))
        return Redirect(descriptor, operator, target)

    def _heredoc(self, target: Word, strip: bool) -> Word:
        """The body begins after the current line; it is cut out of the text at once."""
        mark = "".join(part.text for part in target if isinstance(part, Text))
        quoted = any(isinstance(part, Text) and part.quoted for part in target)
        line_end = self.text.find("\n", self.position)
        body: list[str] = []
        place = line_end + 1 if line_end >= 0 else len(self.text)
        while place < len(self.text):
            end = self.text.find("\n", place)
            end = len(self.text) if end < 0 else end
            line = self.text[place:end]
            place = end + 1
            line = line.lstrip("\t") if strip else line
            if line == mark:
                break
            body.append(line + "\n")
        if line_end >= 0:
            self.text = self.text[: line_end + 1] + self.text[place:]
        text = "".join(body)
        return (Text(text, True),) if quoted else self._words.heredoc(text)

    def _blank(self, lines: bool = False) -> None:
        """Skip blanks, continuation lines and comments; line ends too where `lines`."""
        while True:
            char = self.peek()
            if char and char in (" \t\n" if lines else " \t"):
                self.position += 1
            elif self.text.startswith("\\\n", self.position):
                self.position += 2
            elif char == "#":
                end = self.text.find("\n", self.position)
                self.position = len(self.text) if end < 0 else end
            else:
                return

    def _reserved(self) -> str:
        """The bare word at the position, without consuming it."""
        end = self.position
        while end < len(self.text) and self.text[end] not in BREAKS:
            end += 1
        return self.text[self.position : end]

    def _take_word(self, word: str) -> bool:
        self._blank(lines=word != "!")
        if self._reserved() != word:
            return False
        self.position += len(word)
        return True
