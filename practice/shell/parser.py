"""From text to a syntax tree: the grammar of POSIX sh (XCU 2.10), by recursive descent.

Why not tree-sitter-bash (0.25): its trees are made for colouring and have to be put right before they can be run. In
`a | b 2>x` the redirection belongs to the whole pipeline, in `a 2>x b` the argument is a second file, in `a <<E | b`
the pipe is inside the here-document, and `if x; then fi` and `a;;b` are no errors.
"""

from __future__ import annotations

import re
from functools import lru_cache

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
    Unsupported,
    While,
    Word,
)
from practice.shell.words import BREAKS, WordReader

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)[ \t]*\([ \t]*\)")
_REDIRECT = re.compile(r"(\d*)(<<<|<<-|<<|>>|>&|<&|>\||<>|&>|<|>)")
_RESERVED = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_REFUSED = frozenset({"select", "coproc", "[[", "time", "function"})
"""What bash has and this shell has not; in sh they are ordinary words."""
_OPERATOR = re.compile(r"&&|\|\||;;|[;&|()\n]")


@lru_cache(maxsize=64)
def parsed(text: str, bash: bool) -> Sequence:
    """The tree of a whole script; clients send the same ones again and again. Raises `ShellError`."""
    return Parser(text, bash).program()


class Parser:
    """One pass over a script. `position` is shared with the word reader. `bash`: bash's extensions are known."""

    def __init__(self, text: str, bash: bool = False, line: int = 1) -> None:
        self.text = text
        self.bash = bash
        self.position = 0
        self._first_line = line
        self._words = WordReader(self)

    @property
    def line(self) -> int:
        return self._first_line + self.text.count("\n", 0, self.position)

    def program(self) -> Sequence:
        """The whole script. Raises `ShellError`."""
        script = self.sequence()
        if self.position < len(self.text):
            raise self.unexpected()
        return script

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def expect(self, token: str) -> None:
        self._blank(lines=True)
        word = token.isalpha()
        if self._reserved() != token if word else not self.text.startswith(token, self.position):
            raise self.unexpected(token)
        self.position += len(token)

    def unexpected(self, expecting: str = "") -> ShellSyntaxError:
        """The error for what stands at the position."""
        operator = _OPERATOR.match(self.text, self.position)
        return ShellSyntaxError(operator[0] if operator else self._reserved(), expecting, self.line)

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
                raise self.unexpected()
        return Sequence(tuple(items))

    def _body(self, before: str) -> Sequence:
        """Commands, at least one, `before` a word."""
        body = self.sequence()
        if not body.items:
            raise self.unexpected("" if self.peek() else before)
        return body

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
            if self.peek() == "&":
                raise self.unexpected() if not self.bash else Unsupported("|&")
            self._blank(lines=True)
            commands.append(self._command())

    def _command(self) -> Command:
        self._blank()
        word = self._reserved()
        if word in _REFUSED and self.bash:
            raise Unsupported(word)
        if word in _RESERVED:
            raise self.unexpected()
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
            if self.text.startswith("((", self.position) and self.bash:
                raise Unsupported("((...)) as a command")
            self.position += 1
            body = self._body(")")
            self.expect(")")
            return Group(body, True)
        handlers = {"{": self._braces, "if": self._if, "for": self._for, "case": self._case}
        if word in ("while", "until"):
            self.position += len(word)
            condition = self._body("do")
            return While(condition, self._do(), word == "until")
        handler = handlers.get(word)
        if handler is None:
            return None
        self.position += len(word)
        return handler()

    def _braces(self) -> Command:
        body = self._body("}")
        self.expect("}")
        return Group(body, False)

    def _if(self) -> Command:
        clauses = []
        while True:
            condition = self._body("then")
            self.expect("then")
            clauses.append((condition, self._body("fi")))
            if self._take_word("elif"):
                continue
            otherwise = self._body("fi") if self._take_word("else") else None
            self.expect("fi")
            return If(tuple(clauses), otherwise)

    def _for(self) -> Command:
        self._blank()
        name = self._words.word()
        if len(name) != 1 or not isinstance(name[0], Text):
            raise self.unexpected()
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
        body = self._body("done")
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
            items.append((self._patterns(), self.sequence()))
            self._blank(lines=True)
            if self.text.startswith(";;", self.position):
                self.position += 2
            elif self._reserved() != "esac":
                raise self.unexpected(";;")

    def _patterns(self) -> tuple[Word, ...]:
        if self.peek() == "(":
            self.position += 1
        patterns = []
        while True:
            self._blank()
            word = self._words.word()
            if not word:
                raise self.unexpected()
            patterns.append(word)
            self._blank()
            if self.peek() != "|":
                break
            self.position += 1
        self.expect(")")
        return tuple(patterns)

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        line = self.line
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
            raise self.unexpected()
        if self.peek() == "(" and words:
            raise self.unexpected()
        simple = Simple(tuple(assignments), tuple(words), line)
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
        if match is None or (match[2] == "&>" and not self.bash):
            return None
        if match[2] in ("<>", "&>") or (match[2] == "<<<" and not self.bash):
            raise (
                Unsupported(match[2])
                if self.bash or match[2] == "<>"
                else ShellSyntaxError("redirection", "", self.line)
            )
        self.position = match.end()
        operator = match[2].rstrip("|")
        descriptor = int(match[1]) if match[1] else (0 if operator.startswith("<") else 1)
        self._blank()
        target = self._words.word()
        if not target:
            raise self.unexpected()
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
