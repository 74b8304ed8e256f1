"""The syntax tree of a script."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """Literal characters. Quoted text is neither split nor matched against files."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Parameter:
    """$name, ${name}, ${#name} (operator "length"), ${name<operator>word}.

    Operators: :- - := = :+ + :? ? # ## % %%.
    """

    name: str
    operator: str = ""
    word: Word = ()
    quoted: bool = False


@dataclass(frozen=True)
class Substitution:
    """$(...) or `...`."""

    script: Sequence
    quoted: bool = False


@dataclass(frozen=True)
class Arithmetic:
    """$((...))."""

    expression: Word
    quoted: bool = False


Part = Text | Parameter | Substitution | Arithmetic
Word = tuple[Part, ...]


@dataclass(frozen=True)
class Redirect:
    """`operator` is one of > >> < >& <& << (a here-document or here-string, with its text as `target`)."""

    descriptor: int
    operator: str
    target: Word


@dataclass(frozen=True)
class Simple:
    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    line: int = 1


@dataclass(frozen=True)
class If:
    """(condition, body) pairs, and the else part."""

    clauses: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None


@dataclass(frozen=True)
class For:
    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@dataclass(frozen=True)
class While:
    condition: Sequence
    body: Sequence
    until: bool


@dataclass(frozen=True)
class Case:
    word: Word
    items: tuple[tuple[tuple[Word, ...], Sequence], ...]


@dataclass(frozen=True)
class Function:
    name: str
    body: Command


@dataclass(frozen=True)
class Group:
    """{ ...; } or ( ... )."""

    body: Sequence
    subshell: bool


@dataclass(frozen=True)
class Redirected:
    """Any command with its redirections, in order."""

    command: Command
    redirects: tuple[Redirect, ...]


Command = Simple | If | For | While | Case | Function | Group | Redirected


@dataclass(frozen=True)
class Pipeline:
    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True)
class AndOr:
    """The first pipeline, then (&& or ||, pipeline) pairs."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...] = ()
    background: bool = False


@dataclass(frozen=True)
class Sequence:
    items: tuple[AndOr, ...] = ()


class ShellError(Exception):
    """Ends the (sub)shell with a message."""

    def status(self, bash: bool) -> int:
        """The exit status that this leads to."""
        return 1 if bash else 2


class ShellSyntaxError(ShellError):
    """The script is not valid. `unexpected` is the token ("" at the end of the text), `expecting` the one missed."""

    def __init__(self, unexpected: str, expecting: str = "", line: int = 1) -> None:
        super().__init__(f"syntax error at {unexpected!r}")
        self.unexpected = unexpected
        self.expecting = expecting
        self.line = line

    def status(self, bash: bool) -> int:
        return 2

    def dash(self) -> str:
        shown = {"": "end of file", "\n": "newline"}.get(self.unexpected, f'"{self.unexpected}"')
        shown += " unexpected"
        return f"Syntax error: {shown}" + (f' (expecting "{self.expecting}")' if self.expecting else "")

    def bash(self) -> str:
        if not self.unexpected:
            return "syntax error: unexpected end of file"
        shown = "newline" if self.unexpected == "\n" else self.unexpected
        return f"syntax error near unexpected token `{shown}'"


class Unterminated(ShellError):
    """A quote without its end."""

    def status(self, bash: bool) -> int:
        return 2


class Unsupported(ShellError):
    """Valid, but not on the practice host: refused, never half done."""

    def __init__(self, what: str) -> None:
        super().__init__(f"practice host: not supported: {what}")

    def status(self, bash: bool) -> int:
        return 2
