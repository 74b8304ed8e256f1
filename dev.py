#!/usr/bin/env python3
"""Sets everything up and starts it: needs nothing but Python >= 3.11 and a network.

    python3 dev.py run            the whole guide on the practice host, in a window if there is a display
    python3 dev.py test [...]     all tests (further words go to pytest)
    python3 dev.py check          lint, types, import contracts
    python3 dev.py pve-igpu ...   any command of the program, e.g. `pve-igpu practice list`

uv does the work; where it is not installed, a pinned one is put into .tools/ beside this file.
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

UV = "0.13.9"
ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"

# What PySide6 needs on a bare Debian or Ubuntu, by library and package; the font is for Chinese.
LIBRARIES = {
    "glib-2.0": "libglib2.0-0",
    "GL": "libgl1",
    "EGL": "libegl1",
    "dbus-1": "libdbus-1-3",
    "fontconfig": "libfontconfig1",
    "xkbcommon": "libxkbcommon0",
    "xcb-cursor": "libxcb-cursor0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-image": "libxcb-image0",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-render-util": "libxcb-render-util0",
    "xcb-xkb": "libxcb-xkb1",
    "xkbcommon-x11": "libxkbcommon-x11-0",
}
FONT = ("fonts-wqy-microhei", Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"))


def main(words: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (this file runs before anything is checked)
        print("pve-igpu needs Python 3.11 or newer; this is " + sys.version.split()[0])
        return 2
    if not words or words[0] not in ("run", "test", "check", "pve-igpu"):
        print(__doc__)
        return 2
    if not system_libraries():
        return 2
    uv = find_uv()
    if uv is None:
        return 2
    if words[0] == "check":
        for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"]):
            print("+ " + " ".join(command), flush=True)
            status = uv_run(uv, command)
            if status:
                return status
        return 0
    if words[0] == "test":
        return uv_run(uv, ["pytest", *words[1:]])
    if words[0] == "pve-igpu":
        return uv_run(uv, ["pve-igpu", *words[1:]])
    if has_display():
        return uv_run(uv, ["pve-igpu", "--practice", *words[1:]])
    print("No display here: walking the guide without a window. The report goes to ./report", flush=True)
    return uv_run(uv, ["pve-igpu", "guide", "--practice", "n100-pve82", "--report", "report", "--screenshots"])


def uv_run(uv: str, command: list[str]) -> int:
    environment = {**os.environ}
    # An environment of somebody else's shell must not be mistaken for ours.
    environment.pop("VIRTUAL_ENV", None)
    # The system's certificates, so that a network with its own authority works too.
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    return subprocess.call([uv, "run", "--frozen", "--project", str(ROOT), *command], cwd=ROOT, env=environment)


def find_uv() -> str | None:
    """uv from PATH, or our own in .tools/ (installed on first use)."""
    found = shutil.which("uv")
    if found:
        return found
    folder = TOOLS / ("Scripts" if os.name == "nt" else "bin")
    own = folder / ("uv.exe" if os.name == "nt" else "uv")
    if own.exists():
        return str(own)
    print("Setting up the tools in .tools/ (once) ...", flush=True)
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(TOOLS)]) != 0:
        shutil.rmtree(TOOLS, ignore_errors=True)
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return find_uv() if install(["python3-venv"]) else _say(f"apt-get install -y python{version}-venv")
    python = folder / ("python.exe" if os.name == "nt" else "python")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV}"]
    if subprocess.call(pip) != 0:
        shutil.rmtree(TOOLS, ignore_errors=True)
        return _say("check the network: pip could not install uv")
    return str(own)


def system_libraries() -> bool:
    """On Linux: are Qt's libraries there? Installs them where it may, else says the one line to type."""
    if not sys.platform.startswith("linux") or not shutil.which("apt-get"):
        return True
    missing = [package for library, package in LIBRARIES.items() if not ctypes.util.find_library(library)]
    if not FONT[1].exists():
        missing.append(FONT[0])
    if not missing or install(missing):
        return True
    needed = [package for package in missing if package in list(LIBRARIES.values())[:6]]
    print("For the window these packages are missing; please type:", flush=True)
    print("    sudo apt-get install -y --no-install-recommends " + " ".join(missing), flush=True)
    return not needed


def install(packages: list[str]) -> bool:
    """apt-get as root; False where that is not allowed or fails."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print("Installing " + " ".join(packages) + " ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if subprocess.call(command, env=environment, stdout=subprocess.DEVNULL) == 0:
        return True
    subprocess.call(["apt-get", "update", "-qq"], env=environment)
    return subprocess.call(command, env=environment, stdout=subprocess.DEVNULL) == 0


def has_display() -> bool:
    if os.name == "nt" or sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(line: str) -> None:
    print("One thing is missing; please type as root:\n    " + line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
