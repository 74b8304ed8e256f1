"""$((...)): integer arithmetic with C's operators (POSIX XCU 2.6.4), assignments included."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping

from practice.shell.syntax import ShellError

Value = Callable[[], int]

_TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|<<|>>|[-+*/%&|^<>=!]=|&&|\|\||[-+*/%&|^<>=!~?:()])"
)
_ASSIGN = re.compile(r"(<<|>>|[-+*/%&|^])?=")
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<=", ">=", "<", ">"),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)


class ArithmeticFault(ShellError):
    """Not an expression, or a division by zero."""


def calculate(text: str, variables: MutableMapping[str, str]) -> int:
    """The value of an expression; assignments change `variables`. Raises `ArithmeticFault`."""
    return _Expression(text, variables).value()


class _Expression:
    """Recursive descent; every rule gives a function, so that && || ?: evaluate only what they need."""

    def __init__(self, text: str, variables: MutableMapping[str, str]) -> None:
        self._text = text
        self._variables = variables
        self._tokens = self._scan(text)

    def value(self) -> int:
        if not self._tokens:
            return 0
        whole = self._assignment()
        if self._tokens:
            raise self._fault()
        return whole()

    def _scan(self, text: str) -> list[str]:
        tokens, place, end = [], 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                raise self._fault()
            tokens.append(match[1])
            place = match.end()
        return tokens

    def _fault(self) -> ArithmeticFault:
        return ArithmeticFault(f'arithmetic expression: expecting primary: "{self._text}"')

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._tokens.pop(0)
        return True

    def _assignment(self) -> Value:
        sign = _ASSIGN.fullmatch(self._tokens[1]) if len(self._tokens) > 1 else None
        if sign is None or not self._tokens[0].isidentifier():
            return self._choice()
        name = self._tokens[0]
        del self._tokens[:2]
        right = self._assignment()

        def assign() -> int:
            result = self._apply(sign[1], self._number(name), right()) if sign[1] else right()
            self._variables[name] = str(result)
            return result

        return assign

    def _choice(self) -> Value:
        condition = self._binary(0)
        if not self._take("?"):
            return condition
        yes = self._assignment()
        if not self._take(":"):
            raise self._fault()
        no = self._choice()
        return lambda: yes() if condition() else no()

    def _binary(self, level: int) -> Value:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek() in _LEVELS[level]:
            left = self._joined(self._tokens.pop(0), left, self._binary(level + 1))
        return left

    def _joined(self, sign: str, left: Value, right: Value) -> Value:
        if sign == "&&":
            return lambda: int(bool(left()) and bool(right()))
        if sign == "||":
            return lambda: int(bool(left()) or bool(right()))
        return lambda: self._apply(sign, left(), right())

    def _unary(self) -> Value:
        for sign, function in _UNARY.items():
            if self._take(sign):
                inner = self._unary()
                return lambda function=function, inner=inner: function(inner())  # type: ignore[misc]
        if self._take("("):
            inner = self._assignment()
            if not self._take(")"):
                raise self._fault()
            return inner
        token = self._tokens.pop(0) if self._tokens else ""
        if not re.fullmatch(r"\w+", token):
            raise self._fault()
        return lambda: self._number(token)

    def _number(self, token: str) -> int:
        """A number, or the value of a variable (0 where it is unset or empty)."""
        text = token if token[0].isdigit() else self._variables.get(token, "") or "0"
        try:
            octal = re.fullmatch(r"-?0[0-7]+", text)
            return int(text, 8) if octal else int(text, 0)
        except ValueError:
            raise ArithmeticFault(f"Illegal number: {text}") from None

    def _apply(self, sign: str, left: int, right: int) -> int:
        if sign in ("/", "%") and right == 0:
            raise ArithmeticFault(f'arithmetic expression: division by zero: "{self._text}"')
        return _BINARY[sign](left, right)


def _divide(left: int, right: int) -> int:
    """As C does: towards zero."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


_UNARY: dict[str, Callable[[int], int]] = {
    "-": lambda a: -a,
    "+": lambda a: a,
    "!": lambda a: int(not a),
    "~": lambda a: ~a,
}
_BINARY: dict[str, Callable[[int, int], int]] = {
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": lambda a, b: a - b * _divide(a, b),
}
