"""Pipes, files, background jobs and umask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from practice.shell.context import COMMANDS, Context
from practice.shell.streams import LIMIT, Pipe
from practice.shell.syntax import Unsupported

Run = Callable[..., Any]


@pytest.fixture
def programs() -> Iterator[dict[str, Any]]:
    """Programs of a test: `fill` writes for ever, `pass` copies, `nap` waits until `wake` is set."""
    kept, seen = dict(COMMANDS), {"filled": 0, "most": 0}

    async def fill(context: Context) -> int:
        while True:
            context.stdout.write(b"x" * 1000)
            seen["filled"] += 1000
            await context.stdout.drain()

    async def copy(context: Context) -> int:
        while data := await context.stdin.read(65536):
            context.stdout.write(data)
            await context.stdout.drain()
        return 0

    async def first(context: Context) -> int:
        context.stdout.write(await context.stdin.read(10))
        return 0

    async def nap(context: Context) -> int:
        await asyncio.sleep(3600)
        return 0

    COMMANDS.update({"fill": fill, "pass": copy, "first": first, "nap": nap})
    yield seen
    COMMANDS.clear()
    COMMANDS.update(kept)


def test_a_writer_waits_for_its_reader_and_ends_with_it(run: Run, programs: dict[str, Any]) -> None:
    outcome = run("fill | pass | first; echo $?")
    assert outcome.stdout == "xxxxxxxxxx0\n"
    assert programs["filled"] < 3 * LIMIT


def test_stages_run_at_the_same_time(run: Run, programs: dict[str, Any]) -> None:
    """Much more than a pipe holds goes through."""
    outcome = run('printf "%300000s\\n" x | pass | pass | { read -r x; echo "${#x}"; }')
    assert outcome.stdout == "1\n"
    assert run("pass | pass", stdin=b"y" * (4 * LIMIT)).stdout == "y" * (4 * LIMIT)


def test_a_killed_job_has_the_status_of_a_signal(run: Run, programs: dict[str, Any]) -> None:
    outcome = run(
        "nap & p=$!; kill -0 $p && echo alive; kill $p; wait $p; echo $?; kill -0 $p 2>/dev/null || echo gone"
    )
    assert outcome.stdout == "alive\n143\ngone\n"


def test_umask_decides_the_mode_of_a_new_file_only(run: Run, bare: Any) -> None:
    bare.fs.write("/etc/old", "x", mode=0o640)
    run("umask 077; echo a > /etc/new; echo b > /etc/old; ( umask 0; : > /etc/inner ); : > /etc/after")
    modes = {name: bare.fs.resolve(f"/etc/{name}").mode for name in ("new", "old", "inner", "after")}
    assert modes == {"new": 0o600, "old": 0o640, "inner": 0o666, "after": 0o600}


def test_a_full_disk_is_said_by_who_writes(run: Run, bare: Any, programs: dict[str, Any]) -> None:
    bare.fs.free = 5
    outcome = run("pass > /etc/x; echo $?; echo longer > /etc/y; echo $?", stdin=b"0123456789")
    assert outcome.stdout == "1\n1\n"
    assert outcome.stderr == "pass: write error: No space left on device\nsh: 1: echo: echo: I/O error\n"


def test_a_missing_program_is_not_found(run: Run, bare: Any, programs: dict[str, Any]) -> None:
    bare.missing_commands = frozenset({"nap"})
    assert run("nap").status == 127
    assert run("command -v pass").stdout == "/usr/bin/pass\n"
    assert run("/usr/bin/nap", "bash").stderr == "bash: line 1: /usr/bin/nap: No such file or directory\n"


def test_a_program_that_refuses_an_option_ends_alone(run: Run) -> None:
    async def picky(context: Context) -> int:
        raise Unsupported(f"{context.argv[0]} {context.argv[1]}")

    COMMANDS["picky"] = picky
    try:
        outcome = run("picky --new | :; picky -x; echo $?")
    finally:
        del COMMANDS["picky"]
    assert outcome.stdout == "2\n"
    assert outcome.stderr.splitlines()[-1] == "practice host: not supported: picky -x"


def test_programs_see_exported_variables_only(run: Run, bare: Any) -> None:
    seen: list[dict[str, str]] = []

    async def look(context: Context) -> int:
        seen.append(context.env)
        return 0

    COMMANDS["look"] = look
    try:
        run("A=1; export B=2; C=3 look; look")
    finally:
        del COMMANDS["look"]
    assert seen == [{"B": "2", "C": "3"}, {"B": "2"}]


def test_reading_all_of_a_pipe_does_not_block_its_writer() -> None:
    async def inside() -> int:
        pipe = Pipe()

        async def write() -> None:
            for _ in range(10):
                pipe.write(b"z" * LIMIT)
                await pipe.drain()
            pipe.close()

        _, data = await asyncio.gather(write(), pipe.read())
        return len(data)

    assert asyncio.run(inside()) == 10 * LIMIT
