"""Makes the pictures of the README anew: a walk over the practice host, rendered offscreen.

uv run python docs/images.py
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Literal

from PySide6.QtTest import QTest

from gui.app import application
from gui.language import Language
from gui.screenshots import Photographer
from gui.style.theme import Theme
from gui.window import MainWindow
from guide.answers import load_answers
from guide.journal import Journal
from guide.session import Session
from practice.host import PracticeHost
from ssh.connect import Secrets, connect
from ssh.profiles import Profile
from ssh.secret import Secret

HERE = Path(__file__).resolve().parent / "images"
SCENARIO = "n100-pve82"
LOOKS: tuple[tuple[str, Literal["light", "dark"]], ...] = (("en", "light"), ("zh_CN", "dark"))
"""Language and theme."""

SHOWN = {
    ("check", "after"): "0-check",
    ("cmdline", "before"): "1-kernel-command-line",
    ("reboot", "after"): "1-restart",
    ("create", "before"): "2-create",
    ("remote", "after"): "3-remote-desktop",
    ("configure", "before"): "4-passthrough",
    ("done", "after"): "5-done",
}
"""Step and moment -> name of the picture."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name, PracticeHost(SCENARIO, speed=30.0) as access:
        folder = Path(name)
        profile = Profile(SCENARIO, access.host, access.ssh_port, access.api_port, host_key=access.host_key)
        secrets = Secrets(password=Secret(access.password))
        host = connect(profile, secrets, on_new_key=lambda question: False, is_practice=True)
        session = Session(host, load_answers(access.answers), Journal(folder / "journal.jsonl"), lambda event: None)
        camera = Photographer(folder, ("en", "zh_CN"), ("light", "dark"))
        session.survey()
        for step in session.steps:
            _take(session, step.id, "before", camera)
            session.run(step.id, session.plan(step.id).digest)
            _take(session, step.id, "after", camera)
        host.close()
    camera.close()
    _start_pages()


def _take(session: Session, step_id: str, moment: str, camera: Photographer) -> None:
    name = SHOWN.get((step_id, moment))
    for made in camera.take(session, step_id, moment) if name else ():
        look = next((f"{code}-{mode}" for code, mode in LOOKS if made.stem.endswith(f"{code}-{mode}")), None)
        if look is not None:
            shutil.move(made, HERE / f"{name}-{look}.png")


def _start_pages() -> None:
    app = application()
    language, theme = Language(app), Theme(app)
    for code, mode in LOOKS:
        language.choose(code)
        theme.set_mode(mode)
        window = MainWindow(language, theme)
        # The offscreen screen is smaller than the window on a person's.
        window.resize(1280, 800)
        window.show()
        QTest.qWaitForWindowExposed(window)
        window.grab().save(str(HERE / f"start-{code}-{mode}.png"))
        window.close()


if __name__ == "__main__":
    main()
