"""Programs that read text: cat, head, tail, grep, sed, cut, sort, uniq, wc, tr, tee."""

from __future__ import annotations

import re

from practice.commands.options import absolute, inputs, refuse, split
from practice.shell.context import Context, command
from practice.shell.streams import FileWriter, Null

BLOCK = 1 << 16


@command("cat")
async def cat(context: Context) -> int:
    _, _, names = split(context, "u")
    status = 0
    if not names:
        while block := await context.stdin.read(BLOCK):
            context.stdout.write(block)
            await context.stdout.drain()
        return 0
    async for _, data in inputs(context, names):
        status = status or int(data is None)
        context.stdout.write(data or b"")
        await context.stdout.drain()
    return status


@command("tee")
async def tee(context: Context) -> int:
    seen, _, names = split(context, "a")
    writers = []
    for name in names:
        path = absolute(context, name)
        try:
            null = path == "/dev/null"
            writers.append(Null() if null else FileWriter(context.machine.fs, path, "a" in seen))
        except OSError as error:
            context.err(f"tee: {name}: {error.strerror}\n")
            return 1
    while block := await context.stdin.read(BLOCK):
        try:
            for writer in writers:
                writer.write(block)
        except OSError as error:
            context.err(f"tee: {error.filename}: {error.strerror}\n")
            return 1
        context.stdout.write(block)
        await context.stdout.drain()
    return 0


@command("head")
async def head(context: Context) -> int:
    words = [f"-n{word[1:]}" if re.fullmatch(r"-\d+", word) else word for word in context.argv]
    context.argv = words
    _, values, names = split(context, "q", "nc")
    status = 0
    async for _, data in inputs(context, names):
        status = status or int(data is None)
        if "c" in values:
            context.stdout.write((data or b"")[: int(values["c"])])
        else:
            lines = (data or b"").splitlines(keepends=True)
            count = int(values.get("n", "10"))
            context.stdout.write(b"".join(lines[:count]))
    return status


@command("tail")
async def tail(context: Context) -> int:
    context.argv = [f"-n{word[1:]}" if re.fullmatch(r"-\d+", word) else word for word in context.argv]
    _, values, names = split(context, "q", "nc")
    status = 0
    async for _, data in inputs(context, names):
        status = status or int(data is None)
        raw = data or b""
        if "c" in values:
            count = values["c"]
            context.stdout.write(raw[int(count) - 1 :] if count.startswith("+") else raw[-int(count) :])
            continue
        lines = raw.splitlines(keepends=True)
        count = values.get("n", "10")
        shown = lines[int(count) - 1 :] if count.startswith("+") else lines[max(len(lines) - int(count), 0) :]
        context.stdout.write(b"".join(shown))
    return status


@command("grep", "egrep", "fgrep")
async def grep(context: Context) -> int:
    seen, values, operands = split(context, "EFGaivcoqhHsnlwx", "me")
    pattern = values.get("e") or operands.pop(0)
    expression = _expression(pattern, seen, context.argv[0])
    many = len(operands) > 1 and "h" not in seen
    status, most = 1, int(values.get("m", "0"))
    async for name, data in inputs(context, operands):
        if data is None:
            status = 2
            continue
        label = f"{name}:" if many or "H" in seen else ""
        hits = 0
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            match = expression.search(line)
            if bool(match) == ("v" in seen):
                continue
            hits += 1
            status = 0 if status == 1 else status
            if not seen & {"c", "q", "l"}:
                place = f"{number}:" if "n" in seen else ""
                found = [m[0] for m in expression.finditer(line)] if "o" in seen else [line]
                context.out("".join(f"{label}{place}{text}\n" for text in found))
            if most and hits >= most:
                break
        if "c" in seen:
            context.out(f"{label}{hits}\n")
        elif "l" in seen and hits:
            context.out(f"{name}\n")
    return status


def _expression(pattern: str, seen: set[str], name: str) -> re.Pattern[str]:
    if "F" in seen or name == "fgrep":
        pattern = re.escape(pattern)
    elif "E" not in seen and name != "egrep":
        # Basic expressions: the plain characters + ? | ( ) { } are literal, the escaped ones are not.
        pattern = re.sub(r"\\([+?|(){}])|([+?|(){}])", lambda m: m[1] or f"\\{m[2]}", pattern)
    pattern = pattern.replace("[[:space:]]", r"\s").replace("[:space:]", r"\s").replace("[:digit:]", "0-9")
    pattern = rf"\b(?:{pattern})\b" if "w" in seen else rf"^(?:{pattern})$" if "x" in seen else pattern
    return re.compile(pattern, re.IGNORECASE if "i" in seen else 0)


@command("cut")
async def cut(context: Context) -> int:
    _, values, names = split(context, "s", "dfc")
    wanted = values.get("f") or values.get("c", "1")
    if not re.fullmatch(r"\d+(-\d*)?", wanted):
        return refuse(context, f"-f {wanted}")
    first, sign, last = wanted.partition("-")
    start, end = int(first) - 1, int(last) if last else (None if sign else int(first))
    delimiter = values.get("d", "\t")
    async for _, data in inputs(context, names):
        for line in (data or b"").decode("utf-8", "replace").splitlines():
            parts = list(line) if "c" in values else line.split(delimiter)
            joined = "".join if "c" in values else delimiter.join
            context.out((line if len(parts) == 1 and "c" not in values else joined(parts[start:end])) + "\n")
    return 0


@command("sort")
async def sort(context: Context) -> int:
    seen, _, names = split(context, "unrV")
    lines: list[str] = []
    async for _, data in inputs(context, names):
        lines += (data or b"").decode("utf-8", "replace").splitlines()
    key = (lambda line: (int(m[0]) if (m := re.match(r"\s*-?\d+", line)) else 0, line)) if "n" in seen else None
    lines = sorted(set(lines) if "u" in seen else lines, key=key, reverse="r" in seen)
    context.out("".join(f"{line}\n" for line in lines))
    return 0


@command("uniq")
async def uniq(context: Context) -> int:
    _, _, names = split(context, "")
    last = None
    async for _, data in inputs(context, names):
        for line in (data or b"").decode("utf-8", "replace").splitlines():
            if line != last:
                context.out(f"{line}\n")
            last = line
    return 0


@command("wc")
async def wc(context: Context) -> int:
    seen, _, names = split(context, "lwc")
    async for name, data in inputs(context, names):
        raw = data or b""
        counts = {"l": raw.count(b"\n"), "w": len(raw.split()), "c": len(raw)}
        shown = [str(counts[key]) for key in "lwc" if key in (seen or set("lwc"))]
        context.out(" ".join(shown) + ("" if name == "-" else f" {name}") + "\n")
    return 0


@command("tr")
async def tr(context: Context) -> int:
    seen, _, operands = split(context, "d")
    text = (await context.stdin.read()).decode("utf-8", "replace")
    sets = [operand.encode().decode("unicode_escape") for operand in operands]
    if "d" in seen:
        context.out("".join(char for char in text if char not in sets[0]))
    elif len(sets) == 2 and len(sets[0]) == len(sets[1]) and "-" not in sets[0]:
        context.out(text.translate(str.maketrans(sets[0], sets[1])))
    else:
        return refuse(context, " ".join(operands))
    return 0


@command("sed")
async def sed(context: Context) -> int:
    """s/a/b/[g]; p, d, q, a, i and c after /x/, N or $; with -n, -i, -E."""
    seen, values, operands = split(context, "nEri", "e")
    script = values.get("e") or operands.pop(0)
    try:
        step = _sed_step(script, bool(seen & {"E", "r"}))
    except ValueError:
        return refuse(context, script)
    async for name, data in inputs(context, operands):
        if data is None:
            return 2
        out = _sed(data.decode("utf-8", "replace"), step, "n" in seen)
        if "i" in seen:
            context.machine.fs.write(absolute(context, name), out)
        else:
            context.out(out)
    return 0


SedStep = tuple[re.Pattern[str] | int | None, str, re.Pattern[str] | None, str]


def _sed_step(script: str, extended: bool) -> SedStep:
    flags = {"E"} if extended else set[str]()
    address: re.Pattern[str] | int | None = None
    rest = script
    if match := re.match(r"/((?:[^/\\]|\\.)*)/", script):
        address, rest = _expression(match[1].replace("\\/", "/"), flags, "sed"), script[match.end() :]
    elif match := re.match(r"(\d+|\$)\s*(?=[pdqaics])", script):
        address, rest = (-1 if match[1] == "$" else int(match[1])), script[match.end() :]
    rest = rest.lstrip()
    if rest in ("p", "d", "q"):
        return address, rest, None, ""
    if inserted := re.fullmatch(r"([aic])\s*\\?\s*(.+)", rest, re.DOTALL):
        return address, inserted[1], None, inserted[2]
    match = re.fullmatch(r"s(.)((?:(?!\1)[^\\]|\\.)*)\1((?:(?!\1)[^\\]|\\.)*)\1(g?)", rest, re.DOTALL)
    if match is None:
        raise ValueError(script)
    body = match[2].replace(f"\\{match[1]}", match[1])
    text = match[3].replace(f"\\{match[1]}", match[1]).replace("&", r"\g<0>")
    return address, f"s{match[4]}", _expression(body, flags, "sed"), text


def _sed(text: str, step: SedStep, silent: bool) -> str:
    address, action, expression, replacement = step
    out = []
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        bare = line.rstrip("\n")
        end = line[len(bare) :]
        last = number == len(lines)
        chosen = (
            address is None
            or (isinstance(address, int) and address == (-1 if last and address == -1 else number))
            or (isinstance(address, re.Pattern) and address.search(bare) is not None)
        )
        if chosen and action == "d":
            continue
        if chosen and action in ("i", "c"):
            out.append(f"{replacement}\n")
            if action == "c":
                continue
        if chosen and action.startswith("s") and expression is not None:
            bare = expression.sub(replacement, bare, count=0 if action == "sg" else 1)
        if not silent:
            out.append(bare + end)
        if chosen and action == "a":
            out.append(("" if end else "\n") + f"{replacement}\n")
        if chosen and action == "p":
            out.append(bare + (end or "\n"))
        if chosen and action == "q":
            break
    return "".join(out)
