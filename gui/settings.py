"""What the window remembers between two starts: language, appearance, and where the work on each host stands."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

log = logging.getLogger(__name__)


@dataclass
class Standpoint:
    """Where a host stood when it was left: the id of its first open step ("" when all are settled), at what time."""

    step: str
    at: float


@dataclass
class Settings:
    """`language` "" follows the desktop. No secret and no address is in here; `recent` is by name of the profile."""

    language: str = ""
    theme: str = "system"
    recent: dict[str, Standpoint] = field(default_factory=dict)

    @staticmethod
    def load(path: Path) -> Settings:
        """The defaults where there is no file, or none that can be read (it is kept as .bak)."""
        try:
            return _parse(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Settings()
        except (ValueError, TypeError, KeyError, AttributeError):
            log.info("settings cannot be read, kept as .bak: %s", path)
            path.replace(path.with_suffix(".bak"))
            return Settings()

    def save(self, path: Path) -> None:
        """Replace the file as a whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(path)

    def stand(self, name: str, step: str) -> None:
        """Remember where the host stands now."""
        self.recent[name] = Standpoint(step, time.time())


def settings_path() -> Path:
    return user_config_path("pve-igpu", appauthor=False) / "window.json"


def _parse(raw: Any) -> Settings:
    recent = {str(name): Standpoint(str(entry["step"]), float(entry["at"])) for name, entry in raw["recent"].items()}
    return Settings(str(raw["language"]), str(raw["theme"]), recent)
