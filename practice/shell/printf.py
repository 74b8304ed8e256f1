"""echo and printf: texts, escapes and complaints of bash and dash."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ESCAPE = re.compile(r"\\(?:0[0-7]{0,3}|[1-7][0-7]{0,2}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_SPECIAL = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "'": "'",
    '"': '"',
}
_DIRECTIVE = re.compile(r"%(?P<flags>[-+ 0#]*)(?P<width>\d+|\*)?(?:\.(?P<precision>\d*|\*))?(?P<kind>.|$)", re.DOTALL)
_NUMBER = re.compile(r"\s*[-+]?(?:0[xX][0-9a-fA-F]+|\d+)")


def unescape(text: str) -> str:
    r"""Backslash escapes of printf's format. Bytes of \ooo and \xhh become characters below 256."""

    def one(match: re.Match[str]) -> str:
        body = match[0][1:]
        if body[0] in "01234567":
            return chr(int(body, 8) & 0xFF)
        if body[0] == "x" and len(body) > 1:
            return chr(int(body[1:], 16))
        return _SPECIAL.get(body, match[0])

    return _ESCAPE.sub(one, text)


def echo_text(arguments: list[str], bash: bool = True) -> str:
    """bash: -n, -e, -E. dash: -n, and escapes always count."""
    newline, escapes = "\n", not bash
    words = list(arguments)
    while words and re.fullmatch(r"-[neE]+" if bash else "-n", words[0]):
        option = words.pop(0)
        newline = "" if "n" in option else newline
        escapes = escapes or "e" in option
        if not bash:
            break
    text = " ".join(words)
    if escapes:
        text, cut, _ = text.partition(r"\c")
        return unescape(text) + ("" if cut else newline)
    return text + newline


@dataclass
class Formatted:
    """What printf prints; `complaints` go to standard error, and make the status 1."""

    bash: bool
    left: list[str]
    text: str = ""
    complaints: list[str] = field(default_factory=list)
    stopped: bool = False


def format_text(template: str, arguments: list[str], bash: bool = True) -> Formatted:
    """The format is used again while arguments are left."""
    result = Formatted(bash, list(arguments))
    while True:
        before = len(result.left)
        _once(template, result)
        if result.stopped or not result.left or len(result.left) == before:
            return result


def _once(template: str, result: Formatted) -> None:
    place = 0
    for match in _DIRECTIVE.finditer(template):
        if match.start() < place:
            continue
        result.text += unescape(template[place : match.start()])
        place = match.end()
        if match["kind"] == "%":
            result.text += "%"
            continue
        if not match["kind"] or match["kind"] not in "sdiuxXocbq" or (match["kind"] == "q" and not result.bash):
            _refuse(match, result)
            return
        result.text += _directive(match, result)
    result.text += unescape(template[place:])


def _refuse(match: re.Match[str], result: Formatted) -> None:
    shown = f"`{match['kind']}': invalid format character" if result.bash else f"{match[0]}: invalid directive"
    result.complaints.append(shown)
    result.stopped = True


def _directive(match: re.Match[str], result: Formatted) -> str:
    kind = match["kind"]
    width = str(_number(result)) if match["width"] == "*" else match["width"] or ""
    precision = str(_number(result)) if match["precision"] == "*" else match["precision"]
    flags = match["flags"]
    if kind in "diuxXo":
        spec = f"%{flags}{width}" + ("" if precision is None else f".{precision or 0}")
        return (spec + kind.replace("i", "d").replace("u", "d")) % _number(result)
    value = result.left.pop(0) if result.left else ""
    if kind == "b":
        value = unescape(value)
    elif kind == "c":
        value = value[:1]
    elif kind == "q":
        value = value if re.fullmatch(r"[\w@%+=:,./-]+", value) else "'" + value.replace("'", "'\\''") + "'"
    if precision is not None:
        value = value[: int(precision or 0)]
    return f"%{flags.replace('0', '')}{width}s" % value


def _number(result: Formatted) -> int:
    text = result.left.pop(0) if result.left else ""
    if text[:1] in ("'", '"') and len(text) > 1:
        return ord(text[1])
    match = _NUMBER.match(text)
    if text and (match is None or match.end() != len(text)):
        what = (
            "invalid number"
            if result.bash
            else "expected numeric value"
            if match is None
            else "not completely converted"
        )
        result.complaints.append(f"{text}: {what}")
    digits = match[0].strip() if match else "0"
    octal = re.fullmatch(r"[-+]?0\d+", digits)
    return int(digits, 8) if octal and "8" not in digits and "9" not in digits else int(digits, 10 if octal else 0)
