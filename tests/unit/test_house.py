"""House rules that a script can see."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("gui", "guide", "practice", "ssh")
PRODUCT = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_files_have_one_subject() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in PRODUCT}
    assert {path: size for path, size in sizes.items() if size > 400} == {}
    assert statistics.median(sizes.values()) < 150


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in PRODUCT
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno > 60
    ]
    assert long == []


def test_only_gui_knows_qt() -> None:
    others = [path for path in PRODUCT if path.relative_to(ROOT).parts[0] != "gui"]
    assert [path.name for path in others if "PySide6" in path.read_text(encoding="utf-8")] == []


def test_the_headless_commands_do_not_load_qt() -> None:
    code = "import sys, gui.cli; sys.exit(int(any(name.startswith('PySide6') for name in sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the reference count of None is constant from 3.12 on")
def test_qt_calls_do_not_lose_references_of_none() -> None:
    """PySide6 6.12 on Python 3.11 loses one per call and aborts after a while; the pin in pyproject keeps it out."""
    code = (
        "import sys; from PySide6.QtCore import QObject; o = QObject(); before = sys.getrefcount(None)\n"
        "for _ in range(1000): o.setObjectName('x')\n"
        "sys.exit(int(before - sys.getrefcount(None) > 100))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
