"""test and [: files, strings, numbers, ! -a -o and parentheses (POSIX: what a word means depends on their number)."""

from __future__ import annotations

from collections.abc import Callable

from practice.files import FileSystem, Node
from practice.identity import READ, WRITE, allowed

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
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
_FILES: dict[str, Callable[[Node], bool]] = {
    "-e": lambda node: True,
    "-f": lambda node: node.kind == "file",
    "-d": lambda node: node.kind == "dir",
    "-s": lambda node: len(node.read()) > 0 if node.reader else node.size > 0 or node.kind == "dir",
    "-r": lambda node: allowed(node, READ),
    "-w": lambda node: allowed(node, WRITE),
    "-x": lambda node: node.kind == "dir" or bool(node.mode & 0o111),
    "-c": lambda node: node.kind == "char",
    "-b": lambda node: False,
    "-p": lambda node: False,
    "-S": lambda node: False,
}


class Test:
    """Evaluates one expression. Raises ValueError with the shell's complaint."""

    __test__ = False

    def __init__(self, files: FileSystem, path: ToPath, bash: bool) -> None:
        self._files, self._path, self._bash = files, path, bash

    def evaluate(self, words: list[str]) -> bool:
        """By the number of words up to four, by -a and -o beyond."""
        if len(words) <= 1:
            return bool(words and words[0])
        if len(words) == 3 and self._is_binary(words[1]):
            return self._binary(*words)
        if words[0] == "!" and len(words) <= 4:
            return not self.evaluate(words[1:])
        if words[0] == "(" and words[-1] == ")" and len(words) <= 4:
            return self.evaluate(words[1:-1])
        if len(words) == 2:
            return self._unary(words[0], words[1])
        left = list(words)
        result = self._or(left)
        if left:
            raise ValueError(self._too_many(words, words[len(words) - len(left) - 1]))
        return result

    def _too_many(self, words: list[str], last: str) -> str:
        if not self._bash:
            return f"{last}: unexpected operator"
        return "too many arguments" if len(words) > 3 else f"{words[1]}: binary operator expected"

    def _or(self, left: list[str]) -> bool:
        result = self._and(left)
        while left[:1] == ["-o"]:
            del left[0]
            result = self._and(left) or result
        return result

    def _and(self, left: list[str]) -> bool:
        result = self._term(left)
        while left[:1] == ["-a"]:
            del left[0]
            result = self._term(left) and result
        return result

    def _term(self, left: list[str]) -> bool:
        if not left:
            raise ValueError("argument expected")
        if left[0] == "!":
            del left[0]
            return not self._term(left)
        if left[0] == "(":
            del left[0]
            result = self._or(left)
            if left[:1] != [")"]:
                raise ValueError("closing paren expected")
            del left[0]
            return result
        size = 3 if len(left) > 2 and self._is_binary(left[1]) else 2 if _is_unary(left[0]) and len(left) > 1 else 1
        taken = left[:size]
        del left[:size]
        return self.evaluate(taken)

    def _is_binary(self, sign: str) -> bool:
        return sign in _STRINGS or sign in _NUMBERS or sign in ("-nt", "-ot", "-ef") or (sign == "==" and self._bash)

    def _unary(self, sign: str, value: str) -> bool:
        if sign in ("-n", "-z"):
            return bool(value) == (sign == "-n")
        if sign == "-t":
            return False
        if not _is_unary(sign):
            raise ValueError(f"{sign}: unary operator expected" if self._bash else f"{sign}: unexpected operator")
        try:
            node = self._files.resolve(self._path(value), follow=sign not in ("-h", "-L"))
        except OSError:
            return False
        return node.kind == "link" if sign in ("-h", "-L") else _FILES[sign](node)

    def _binary(self, left: str, sign: str, right: str) -> bool:
        if sign == "-ef":
            return self._same(left) is not None and self._same(left) is self._same(right)
        if sign in ("-nt", "-ot"):
            return (
                self._changed(left) > self._changed(right)
                if sign == "-nt"
                else self._changed(left) < self._changed(right)
            )
        if sign in _NUMBERS:
            return _NUMBERS[sign](self._integer(left), self._integer(right))
        return _STRINGS["=" if sign == "==" else sign](left, right)

    def _same(self, name: str) -> Node | None:
        try:
            return self._files.resolve(self._path(name))
        except OSError:
            return None

    def _changed(self, name: str) -> float:
        try:
            return self._files.resolve(self._path(name)).mtime
        except OSError:
            return float("-inf")

    def _integer(self, text: str) -> int:
        try:
            return int(text.strip())
        except ValueError:
            said = f"{text}: integer expression expected" if self._bash else f"Illegal number: {text}"
            raise ValueError(said) from None


def _is_unary(sign: str) -> bool:
    return sign in _FILES or sign in ("-n", "-z", "-h", "-L", "-t")
