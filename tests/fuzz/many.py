"""Many inputs with hypothesis: `python -m tests.fuzz.many TARGET [COUNT]`. Prints how many, how long, and the slowest.

The same targets as the coverage-guided run, other inputs: lines and words of real text, mixed with any text and bytes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.fragments import pieces
from tests.fuzz.targets import TARGETS

BATCH = 20_000
"""hypothesis remembers every input of one run; batches keep its memory small."""

LITERAL = 232
"""A byte from here on says how many bytes follow as they are; below it, it begins the number of a piece."""

SLOWEST = 1.0
"""Seconds of computing for one input; more is a finding."""


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Bytes that say which real pieces follow one another, and what stands between them: one draw, so it is fast."""
    real = pieces(name)

    def assembled(code: bytes) -> bytes:
        parts, place = list[bytes](), 0
        while place < len(code):
            if code[place] < LITERAL:
                parts.append(real[int.from_bytes(code[place : place + 2], "big") % len(real)])
                place += 2
            else:
                length = code[place] - LITERAL
                parts.append(code[place + 1 : place + 1 + length])
                place += 1 + length
        return b"".join(parts)

    return st.binary(max_size=64).map(assembled)


def run(name: str, count: int) -> tuple[int, float]:
    """Feed `count` inputs; (inputs fed, seconds of the slowest). Whatever the target raises comes out."""
    target: Callable[[bytes], None] = TARGETS[name]
    strategy = inputs(name)
    done, slowest = 0, 0.0
    batch = 0
    while done < count:

        @seed(batch)
        @settings(
            max_examples=min(BATCH, count - done),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(strategy)
        def feed(data: bytes) -> None:
            nonlocal done, slowest
            started = time.thread_time()
            target(data)
            took = time.thread_time() - started
            done, slowest = done + 1, max(slowest, took)
            assert took < SLOWEST, f"{took:.1f} s"

        feed()
        batch += 1
    return done, slowest


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        raise SystemExit(f"usage: python -m tests.fuzz.many {'|'.join(TARGETS)} [COUNT]")
    started = time.monotonic()
    done, slowest = run(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
    print(f"{sys.argv[1]}: {done} inputs in {time.monotonic() - started:.0f} s, slowest {slowest * 1000:.0f} ms")


if __name__ == "__main__":
    main()
