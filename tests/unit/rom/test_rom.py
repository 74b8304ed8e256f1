"""The ROM desk by data: one file per case, a recipe and what must be said of the result."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guide.errors import GopLocked, NoBios, NoGop, NoHelper
from guide.rom.describe import describe
from guide.rom.desk import inspect, judge
from guide.rom.firmware import find_gop
from guide.rom.kinds import kind_of
from guide.rom.make import make_rom
from guide.rom.pack import pack
from guide.rom.parse import parse_images
from tests.unit.rom import builder

CASES = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "cases").glob("*.toml"))
}
N100 = [0x46D0, 0x46D1, 0x46D2]


def bytes_of(case: dict[str, Any]) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"]) * case.get("times", 1)
    if "text" in case:
        return str(case["text"]).encode()
    if "bios" in case:
        return builder.bios([builder.gop("21.0.1056", N100)], case["bios"])
    if "driver" in case:
        return builder.driver(b"x", subsystem=case["driver"])
    return builder.rom(case["rom"])


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]
    data = bytes_of(case)
    report = inspect(data)
    verdict = judge(report, case.get("chip", "46d1"), case.get("qemu", "9.0.2-4"))
    assert report.kind == case.get("kind", "option-rom")
    assert (verdict.fits, [reason.key for reason in verdict.reasons]) == (case["fits"], case["reasons"])
    for key, wanted in case.get("report", {}).items():
        found = getattr(report, key)
        assert (sorted(found) if isinstance(found, frozenset) else found) == wanted, key
    assert {"rom." + note for note in case.get("notes", [])} <= {note.key for note in verdict.notes}
    assert all(label.key and isinstance(value, str) for label, value in describe(report))


def test_the_layout_is_that_of_efirom() -> None:
    """Field by field after facts/windows-and-rom.md B.1; the driver ends where the block ends."""
    body = builder.gop("21.0.1056", N100)
    data = pack([body], 0x46D1)
    assert data[:2] == b"\x55\xaa"
    assert int.from_bytes(data[2:4], "little") * 512 == len(data)
    assert data[4:8] == bytes.fromhex("f10e0000")
    assert data[8:14] == bytes.fromhex("0b0064860000")
    assert data[0x14:0x16] == bytes(2)
    assert data[0x18:0x1A] == bytes.fromhex("1c00")
    assert data[0x1A:0x1C] == bytes(2)
    assert data[0x1C:0x20] == b"PCIR"
    assert data[0x20:0x24] == bytes.fromhex("8680d146")
    assert data[0x26:0x29] == bytes.fromhex("1c0003")
    assert data[0x29:0x2C] == bytes(3)
    assert data[0x2C:0x2E] == data[2:4]
    assert data[0x30:0x32] == bytes.fromhex("0380")
    start = int.from_bytes(data[0x16:0x18], "little")
    assert data[0x38:start] == b"\xff" * (start - 0x38)
    assert data[start:] == body


@pytest.mark.parametrize("packed", ["lzma", "none"])
def test_a_rom_is_made_from_the_own_bios(packed: str) -> None:
    old, new = builder.gop("17.0.1077", [0x4680, 0x4682, 0x4688]), builder.gop("21.0.1056", N100)
    made = make_rom(builder.bios([old, new], packed), builder.helper("B"), "46d1")
    assert (made.gop, made.knows_chip, made.others) == ("21.0.1056", True, ("17.0.1077",))
    images = parse_images(made.rom)
    assert [image.last for image in images] == [False, True]
    assert images[1].efi is not None
    assert images[1].efi.body == new
    assert judge(inspect(made.rom), "46d1", "10.0.2").fits == "yes"
    assert judge(inspect(made.rom), "46d1", "9.0.2").fits == "no"


def test_a_chip_that_the_own_bios_does_not_know_is_said() -> None:
    made = make_rom(builder.bios([builder.gop("17.0.1077", [0x4680, 0x4682, 0x4688])]), builder.helper("A"), "46d4")
    assert made.knows_chip is False
    assert make_rom(builder.bios([builder.gop("9.0.1", [])]), builder.helper("A"), "46d4").knows_chip is None


@pytest.mark.parametrize(
    ("firmware", "helper", "error"),
    [
        (b"\x12\x34" * 4096, builder.helper("B"), NoBios),
        (b"<html>404</html>", builder.helper("B"), NoBios),
        (builder.bios([builder.driver(b"nothing")]), builder.helper("B"), NoGop),
        (builder.bios([builder.gop("21.0.1056", N100)], "tiano"), builder.helper("B"), GopLocked),
        (pack([builder.helper("B")], 0x46D1), builder.helper("B"), NoGop),
        (builder.gop("21.0.1056", N100), builder.driver(b"nothing"), NoHelper),
        (builder.gop("21.0.1056", N100), b"text", NoHelper),
        (builder.gop("21.0.1056", N100), pack([builder.gop("21.0.1056", N100)], 0x46D1), NoHelper),
    ],
)
def test_what_is_missing_is_named(firmware: bytes, helper: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        make_rom(firmware, helper, "46d1")


def test_a_bomb_ends_as_not_found() -> None:
    """200 MB of zeros pack into 30 kB; no more than the budget is unpacked."""
    bomb = builder.bios([bytes(1 << 20) for _ in range(8)])
    nested = builder.volume(builder.ffs_file(b"".join(builder.lzma_section(bomb) for _ in range(40))))
    assert find_gop(nested).drivers == ()


@given(st.binary(max_size=4096), st.binary(max_size=64))
@settings(deadline=None)
def test_nothing_raises(data: bytes, tail: bytes) -> None:
    whole = builder.rom({"parts": [{"helper": "A"}, {"gop": "21.0.1056", "chips": ["46d0", "46d1", "46d2"]}]})
    for candidate in (data, whole[: len(data)] + tail, b"\x55\xaa" + data, data[:40] + b"_FVH" + data):
        judge(inspect(candidate), "46d1", "9.0.2")
        find_gop(candidate)
        kind_of(candidate)


@given(st.integers(0, 1 << 13), st.integers(0, 255))
@settings(deadline=None)
def test_a_broken_byte_never_raises(place: int, value: int) -> None:
    data = bytearray(builder.bios([builder.gop("21.0.1056", N100)], "none", 1 << 18))
    data[place % len(data)] = value
    find_gop(bytes(data))
    whole = bytearray(builder.rom({"parts": [{"helper": "A"}, {"gop": "21.0.1056", "chips": []}]}))
    whole[place % len(whole)] = value
    judge(inspect(bytes(whole)), "46d1", "9.0.2")
