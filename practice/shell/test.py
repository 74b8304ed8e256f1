"""test and [: files, strings, numbers, ! -a -o and parentheses."""

from __future__ import annotations

from collections.abc import Callable

from practice.files import FileSystem, Node

ToPath = Callable[[str], str]

_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
_STRINGS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_FILES: dict[str, Callable[[Node], bool]] = {
    "-e": lambda node: True,
    "-f": lambda node: node.kind == "file",
    "-d": lambda node: node.kind == "dir",
    "-s": lambda node: len(node.read()) > 0,
    "-r": lambda node: True,
    "-w": lambda node: True,
    "-x": lambda node: bool(node.mode & 0o111),
    "-c": lambda node: node.kind == "char",
}


def evaluate(words: list[str], files: FileSystem, path: ToPath) -> bool:
    """The truth of a test expression. Raises ValueError for what is none."""
    for sign, join in (("-o", any), ("-a", all)):
        if sign in words[1:-1] and len(words) > 3:
            place = words.index(sign, 1)
            return join((evaluate(words[:place], files, path), evaluate(words[place + 1 :], files, path)))
    if not words:
        return False
    if words[0] == "!":
        return not evaluate(words[1:], files, path)
    if words[0] == "(" and words[-1] == ")":
        return evaluate(words[1:-1], files, path)
    if len(words) == 1:
        return bool(words[0])
    if len(words) == 2:
        return _unary(words[0], words[1], files, path)
    if len(words) == 3:
        return _binary(*words)
    raise ValueError("too many arguments")


def _unary(sign: str, value: str, files: FileSystem, path: ToPath) -> bool:
    if sign in ("-n", "-z"):
        return bool(value) == (sign == "-n")
    if sign in ("-h", "-L"):
        try:
            return files.resolve(path(value), follow=False).kind == "link"
        except OSError:
            return False
    if sign not in _FILES:
        raise ValueError(f"{sign}: unexpected operator")
    try:
        return _FILES[sign](files.resolve(path(value)))
    except OSError:
        return False


def _binary(left: str, sign: str, right: str) -> bool:
    if sign in _STRINGS:
        return _STRINGS[sign](left, right)
    if sign in _NUMBERS:
        try:
            return _NUMBERS[sign](int(left), int(right))
        except ValueError:
            raise ValueError(f"Illegal number: {left}") from None
    raise ValueError(f"{sign}: unexpected operator")
