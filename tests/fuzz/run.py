"""Coverage-guided fuzzing with atheris: `python -m tests.fuzz.run TARGET [-runs=N]`.

Needs the dependency group `fuzz` (Linux, Python 3.12 to 3.14):
`uv run -p 3.13 --group fuzz python -m tests.fuzz.run rom`.
What it finds is written as crash-... or timeout-...; such a file belongs into tests/fuzz/corpus/TARGET/, where the test
suite runs it again.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

from tests.fuzz.fragments import pieces, seeds

with atheris.instrument_imports(include=["guide"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        raise SystemExit(f"usage: python -m tests.fuzz.run {'|'.join(TARGETS)} [-runs=N]")
    name = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds(name)):
            Path(folder, str(number)).write_bytes(seed)
        words = Path(folder, "words.dict")
        words.write_text("".join(f'"{_escaped(piece)}"\n' for piece in pieces(name)), encoding="ascii")
        # More than a second on one input is a finding too.
        options = ["-timeout=1", "-max_len=4096", f"-dict={words}", "-use_value_profile=1", folder]
        atheris.Setup([*sys.argv, *options], TARGETS[name])
        atheris.Fuzz()


def _escaped(piece: bytes) -> str:
    """A word of libFuzzer's dictionary."""
    return "".join(f"\\x{byte:02x}" for byte in piece[:64])


if __name__ == "__main__":
    main()
