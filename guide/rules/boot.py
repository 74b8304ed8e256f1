"""The boot loader that really starts the host, and what overrides the edited value."""

from __future__ import annotations

from guide.choices import Choices
from guide.facts import grub
from guide.facts.model import Facts, Loader
from guide.finding import Finding, Severity
from guide.rules.make import finding

Found = tuple[Finding, ...]


def loader_unknown(facts: Facts, choices: Choices) -> Found:
    """Writing into the wrong file does nothing; writing into a guessed one may break the boot."""
    if facts.boot.kind is not None:
        return ()
    return (finding("boot-loader-unknown", Severity.STOPS, "facts: pve.md 5.1", facts.boot.evidence),)


def override(facts: Facts, choices: Choices) -> Found:
    """A drop-in that sets GRUB_CMDLINE_LINUX_DEFAULT anew wins over /etc/default/grub."""
    if facts.boot.kind not in (Loader.GRUB, Loader.GRUB_ESP):
        return ()
    found = grub.overrides(facts.files)
    evidence = tuple(f"{path}: {(facts.file_text(path) or '').strip()}" for path in found)
    return (finding("grub-override", Severity.STOPS, "facts: pve.md 5.1", evidence, path=found[0]),) if found else ()
