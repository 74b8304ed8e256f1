"""echo and printf, as bash prints them."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:0[0-7]{0,3}|[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_SPECIAL = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_DIRECTIVE = re.compile(r"%(?P<flags>[-+ 0#]*)(?P<width>\d*)(?:\.(?P<precision>\d+))?(?P<kind>[sdiuxXocbq%])")


def unescape(text: str) -> str:
    """Backslash escapes of printf's format."""

    def one(match: re.Match[str]) -> str:
        body = match[0][1:]
        if body[0] in "01234567":
            return chr(int(body, 8) & 0xFF)
        if body[0] == "x":
            return chr(int(body[1:], 16))
        return _SPECIAL.get(body, match[0])

    return _ESCAPE.sub(one, text)


def echo_text(arguments: list[str]) -> str:
    """echo with -n and -e."""
    newline, escapes = "\n", False
    words = list(arguments)
    while words and re.fullmatch(r"-[neE]+", words[0]):
        newline = "" if "n" in words[0] else newline
        escapes = "e" in words[0] or escapes
        words.pop(0)
    text = " ".join(words)
    return (unescape(text) if escapes else text) + newline


def format_text(template: str, arguments: list[str]) -> str:
    """The format is used again while arguments are left."""
    left = list(arguments)
    out = []
    while True:
        before = len(left)
        out.append(_once(template, left))
        if not left or len(left) == before:
            return "".join(out)


def _once(template: str, left: list[str]) -> str:
    out, place = "", 0
    for match in _DIRECTIVE.finditer(template):
        out += unescape(template[place : match.start()])
        place = match.end()
        if match["kind"] == "%":
            out += "%"
            continue
        value = left.pop(0) if left else ""
        out += _directive(match, value)
    return out + unescape(template[place:])


def _directive(match: re.Match[str], value: str) -> str:
    kind = match["kind"]
    if kind == "b":
        return unescape(value)
    if kind == "c":
        return value[:1]
    if kind == "q":
        return "'" + value.replace("'", "'\\''") + "'"
    spec = f"%{match['flags']}{match['width']}"
    if kind == "s":
        text = value if match["precision"] is None else value[: int(match["precision"])]
        return (spec + "s") % text
    try:
        number = int(value or "0", 0)
    except ValueError:
        number = 0
    return (spec + kind.replace("i", "d").replace("u", "d")) % number
