"""`pve-igpu rom inspect` and `rom make`: the ROM desk without a window."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from guide.clean import clean
from guide.message import message
from guide.rom.describe import describe
from guide.rom.desk import RomVerdict, judge_file
from guide.rom.firmware import MOST_BYTES
from guide.rom.make import make_rom
from guide.text import Catalogue

EXIT_CODES = {"yes": 0, "no": 13, "cannot-tell": 14}
"""0 fits, 13 does not fit, 14 cannot tell (README, exit codes)."""


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`rom inspect` and `rom make`."""
    rom = commands.add_parser("rom", help="judge a vBIOS ROM, or make one").add_subparsers(
        metavar="COMMAND", required=True
    )
    inspect = rom.add_parser("inspect", help="open a file and say whether it fits")
    inspect.add_argument("file", type=Path)
    inspect.add_argument(
        "--device", type=_device, default="46d1", metavar="8086:XXXX", help="default: 8086:46d1 (N100)"
    )
    inspect.add_argument("--qemu", default="9.0", metavar="VERSION", help="pve-qemu-kvm of the host; default: 9.0")
    inspect.add_argument("--json", action="store_true")
    inspect.set_defaults(run=show)
    make = rom.add_parser("make", help="pack the graphics driver of your own BIOS and a helper into a ROM")
    make.add_argument(
        "--bios", type=Path, required=True, help="BIOS image of this machine, a GOP driver, or a ROM with one"
    )
    make.add_argument("--helper", type=Path, required=True, help="helper driver (.efi) or helper-only ROM")
    make.add_argument("--device", type=_device, required=True, metavar="8086:XXXX")
    make.add_argument("-o", "--output", type=Path, required=True)
    make.set_defaults(run=write)


def show(options: argparse.Namespace, language: str) -> int:
    """Print what the file is and the verdict."""
    catalogue = Catalogue.load(language)
    verdict = judge_file(str(options.file), options.device, options.qemu)
    if options.json:
        print(json.dumps(_as_json(verdict, catalogue), indent=2, ensure_ascii=False))
        return EXIT_CODES[verdict.fits]
    for label, value in describe(verdict.report):
        print(f"{catalogue.render(label)}: {clean(value)}")
    print(f"\n8086:{options.device}, QEMU {options.qemu}: {catalogue.template('rom.verdict.' + verdict.fits)}")
    for said in (*verdict.reasons, *verdict.notes):
        print(f"  {catalogue.render(said)}")
    return EXIT_CODES[verdict.fits]


def write(options: argparse.Namespace, language: str) -> int:
    """Make a ROM; an existing file is never overwritten."""
    catalogue = Catalogue.load(language)
    made = make_rom(_read(options.bios), _read(options.helper), options.device)
    with options.output.open("xb") as file:
        file.write(made.rom)
    print(catalogue.render(message("rom.made", path=options.output, gop=made.gop)))
    if not made.knows_chip:
        key = "rom.made-chip-unknown" if made.knows_chip is False else "rom.made-chip-hidden"
        print(catalogue.render(message(key, chip=options.device)))
    return 0


def _as_json(verdict: RomVerdict, catalogue: Catalogue) -> dict[str, object]:
    report = verdict.report
    return {
        "fits": verdict.fits,
        "reasons": [catalogue.render(reason) for reason in verdict.reasons],
        "notes": [catalogue.render(note) for note in verdict.notes],
        "kind": report.kind,
        "sha256": report.sha256,
        "size": report.size,
        "gop": report.gop,
        "chips": sorted(report.chips),
        "era": report.era,
        "images": [
            {"offset": image.offset, "size": image.size, "code": image.code, "complete": image.complete}
            for image in report.images
        ],
    }


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)


def _device(text: str) -> str:
    word = text.lower().removeprefix("8086:")
    if len(word) != 4 or any(letter not in "0123456789abcdef" for letter in word):
        raise argparse.ArgumentTypeError(f"{text!r}: four hex digits are wanted, as lspci -nn prints them: 8086:46d1")
    return word
