"""The command line. It imports Qt only when a window is wanted, and what reaches hosts only when one is named."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gui import cli_practice, cli_rom
from guide.answers import print_answers
from guide.errors import AppError
from guide.text import LANGUAGES, Catalogue


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of `pve-igpu`. Exit codes are in the README."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = parser().parse_args(arguments)
    language = options.language or language_of_environment()
    try:
        return int(options.run(options, language))
    except AppError as error:
        show_error(error, language)
        return error.exit_code
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # `| head` is served; nothing more can be printed, not even at the interpreter's end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        print(f"pve-igpu: {error.filename or ''}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def language_of_environment() -> str:
    """zh_CN where the system speaks Chinese, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh_CN" if locale.startswith("zh") else "en"


def show_error(error: AppError, language: str) -> None:
    """What happened, what it means, what to do - to standard error."""
    from guide.events import Failed

    text = Catalogue.load(language).error(Failed.of(error))
    print(f"\n{text.line}\n{text.means}\n{text.do}", file=sys.stderr)
    if error.detail:
        print(f"  | {error.detail.strip()}", file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """All commands; without one the window opens."""
    root = argparse.ArgumentParser(prog="pve-igpu", description=__doc__)
    root.add_argument("--language", choices=LANGUAGES, help="language of the window and of the log")
    root.add_argument("--practice", nargs="?", const="n100-pve82", metavar="SCENARIO", help="open a practice host")
    root.add_argument("--profile", metavar="NAME", help="open the host of this profile")
    root.set_defaults(run=_window)
    commands = root.add_subparsers(metavar="COMMAND")
    _practice_commands(commands)
    cli_rom.add_commands(commands)

    survey = commands.add_parser("survey", help="read a host without changing anything; print what was found")
    _target_options(survey)
    survey.add_argument("--bundle", type=Path, metavar="FILE", help="read a saved survey or a folder of transcripts")
    survey.add_argument(
        "--save", type=Path, metavar="FILE", help="write the survey, without secrets, for somebody else"
    )
    survey.add_argument("--json", action="store_true", help="facts and findings as JSON")
    survey.set_defaults(run=_survey)

    check = commands.add_parser("check", help="after an upgrade: does the set-up still fit this host's QEMU?")
    _target_options(check)
    check.add_argument("--answers", type=Path, metavar="FILE.toml", help="the answers of the guide, for its ROM file")
    check.set_defaults(run=_check)

    guide = commands.add_parser("guide", help="walk the whole guide without a window")
    _target_options(guide)
    guide.add_argument("--answers", type=Path, metavar="FILE.toml", help="every choice; see --print-answers")
    guide.add_argument("--report", type=Path, metavar="DIR", help="where report.md, report.json, journal.jsonl go")
    guide.add_argument("--screenshots", action="store_true", help="add a picture of every chapter to the report")
    guide.add_argument("--print-answers", action="store_true", help="print a commented answers.toml and end")
    guide.set_defaults(run=_guide)

    undo = commands.add_parser("undo", help="put back what was changed, newest first")
    _target_options(undo)
    undo.add_argument("--to", metavar="STEP", help="stop after this step is undone (id or number); default: all")
    undo.set_defaults(run=_undo)
    return root


def _target_options(parser: argparse.ArgumentParser) -> None:
    """The options by which a host is named."""
    parser.add_argument(
        "--practice",
        metavar="SCENARIO",
        help="a practice host of this scenario (a name, or a file NAME.toml), started for this run",
    )
    parser.add_argument("--profile", metavar="NAME", help="a stored profile")
    parser.add_argument("--host", metavar="ADDR", help="an address; needs --host-key and --password-stdin")
    parser.add_argument("--user", default="root")
    parser.add_argument("--ssh-port", type=int, default=22)
    parser.add_argument("--api-port", type=int, default=8006)
    parser.add_argument("--host-key", metavar="SHA256:...", help="the fingerprint of the host's key")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.add_argument("--api-user", default="", metavar="USER@REALM", help="default: USER@pam, same password")
    parser.add_argument("--api-token-id", default="", metavar="USER@REALM!NAME", help="use a token for the API")


def _practice_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    practice = commands.add_parser("practice", help="practice hosts").add_subparsers(metavar="COMMAND", required=True)
    practice.add_parser("list", help="name all scenarios").set_defaults(run=cli_practice.list_all)
    made = practice.add_parser("new", help="write a practice machine from a survey or a folder of transcripts")
    made.add_argument("bundle", type=Path, metavar="FROM_BUNDLE")
    made.add_argument("-o", "--output", type=Path, metavar="FILE.toml", help="default: the survey's name, here")
    made.set_defaults(run=cli_practice.new)
    serve = practice.add_parser("serve", help="serve a practice host on loopback until ended")
    serve.add_argument("scenario")
    serve.add_argument("--ssh-port", type=int, default=0)
    serve.add_argument("--api-port", type=int, default=0)
    serve.add_argument("--round-trip", type=float, default=None, metavar="MS")
    serve.add_argument("--faults", type=Path, metavar="FILE", help="what goes wrong: the scenarios' table [faults]")
    serve.add_argument("--speed", type=float, default=1.0, help="how much faster than life (default: 1)")
    serve.set_defaults(run=cli_practice.serve)
    held = practice.add_parser("conformance", help="hold a practice host against recorded exchanges with a real one")
    held.add_argument("file", type=Path)
    held.add_argument("--scenario", default="n100-pve82", help="whose hardware (default: n100-pve82)")
    held.set_defaults(run=cli_practice.conformance)


def _check(options: argparse.Namespace, language: str) -> int:
    from gui import cli_guide

    return cli_guide.check(options, language)


def _guide(options: argparse.Namespace, language: str) -> int:
    if options.print_answers:
        print(print_answers(language), end="")
        return 0
    from gui import cli_guide

    return cli_guide.guide(options, language)


def _survey(options: argparse.Namespace, language: str) -> int:
    from gui import cli_guide

    return cli_guide.survey(options, language)


def _undo(options: argparse.Namespace, language: str) -> int:
    from gui import cli_guide

    return cli_guide.undo(options, language)


def _window(options: argparse.Namespace, language: str) -> int:
    from gui import app

    return app.run(options.profile, options.practice, options.language)


if __name__ == "__main__":
    raise SystemExit(main())
