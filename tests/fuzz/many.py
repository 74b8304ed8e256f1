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

SLOWEST = 1.0
"""Seconds for one input; more is a finding."""


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Bytes made of real pieces, any text and any bytes."""
    real = st.sampled_from(pieces(name))
    parts = st.one_of(real, real, st.text(max_size=12).map(lambda text: text.encode()), st.binary(max_size=12))
    return st.lists(parts, max_size=24).map(b"".join)


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
            started = time.perf_counter()
            target(data)
            took = time.perf_counter() - started
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
