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
    """$name, ${name}, ${#name}, ${name<operator>word}. Operators: :- - := = :+ + :? ? # ## % %%."""

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


class ShellSyntaxError(Exception):
    """The script is not valid, or uses what the practice host does not support."""
