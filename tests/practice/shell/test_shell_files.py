"""What programs rely on when files change under them."""

from __future__ import annotations

from typing import Any

import pytest


def test_an_open_file_survives_its_name(bare: Any) -> None:
    content = b"x" * (3 << 20)
    bare.fs.write("/tmp/g", content)
    kept = bare.fs.resolve("/tmp/g")
    bare.fs.remove("/tmp/g")
    assert kept.read() == content


def test_replacing_a_file_gives_its_space_back(bare: Any) -> None:
    before = bare.fs.free
    for _ in range(3):
        bare.fs.write("/tmp/new", b"x" * 1000)
        bare.fs.rename("/tmp/new", "/tmp/file")
    assert before - bare.fs.free == 1000
    bare.fs.rename("/tmp/file", "/tmp/file")
    bare.fs.remove("/tmp/file")
    assert bare.fs.free == before


@pytest.mark.filterwarnings("error")
def test_a_large_file_leaves_no_temporary_file_open(bare: Any) -> None:
    bare.fs.write("/tmp/big", b"x" * (3 << 20))
    bare.fs.remove("/tmp/big")
