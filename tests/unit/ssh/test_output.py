"""However the bytes are cut on their way, the same text and the same lines come out."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ssh.output import Output

MARK = b"\nmark\n"


@given(st.binary(max_size=30), st.text(max_size=40), st.lists(st.integers(0, 120), max_size=8))
def test_any_cut_gives_the_same(noise: bytes, text: str, cuts: list[int]) -> None:
    if MARK in noise + MARK[:-1]:
        return
    data = noise + MARK + text.encode()
    seen: list[tuple[str, str]] = []
    output = Output("stdout", lambda stream, line: seen.append((stream, line)), MARK)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(places):
        output.feed(data[start:end])
    assert output.finish() == text
    *lines, last = text.split("\n")
    assert seen == [("stdout", line.rstrip("\r")) for line in (*lines, *([last] if last else []))]


def test_without_the_mark_the_noise_is_the_text() -> None:
    output = Output("stderr", None, MARK)
    output.feed(b"account locked\n")
    assert output.finish() == "account locked\n"


def test_bytes_that_are_no_text_are_replaced() -> None:
    output = Output("stdout", None)
    output.feed(b"a\xffb\xe6\xa0")
    assert output.finish() == "a�b�"
