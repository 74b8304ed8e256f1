"""Coverage-guided fuzzing with atheris: `python -m tests.fuzz.run TARGET [-runs=N] [FOLDER of findings]`.

Needs the dependency group `fuzz` (Linux, Python 3.11 to 3.13): `uv run --group fuzz python -m tests.fuzz.run rom`.
What it finds goes into tests/fuzz/corpus/TARGET/, where the test suite runs it again.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["guide"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        raise SystemExit(f"usage: python -m tests.fuzz.run {'|'.join(TARGETS)} [-runs=N]")
    name = sys.argv.pop(1)
    # More than a second on one input is a finding too.
    atheris.Setup([*sys.argv, "-timeout=1", "-max_len=4096"], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
