"""The boot loader that really starts the host, and what overrides the edited value."""

from __future__ import annotations

from guide.choices import Choices
from guide.facts import cmdline, grub
from guide.facts.assignments import is_effective
from guide.facts.model import Facts, Loader
from guide.finding import Finding, Severity
from guide.rules.make import finding

Found = tuple[Finding, ...]

GRUB_LOADERS = (Loader.GRUB, Loader.GRUB_ESP)
CMDLINE_FILE = "/etc/kernel/cmdline"
NO_UUIDS = "No /etc/kernel/proxmox-boot-uuids found, skipping ESP sync"
"""What proxmox-boot-tool and the hook of update-initramfs print (facts: peers-and-failures.md 3, row 7)."""

WRONG_FILE = "facts: peers-and-failures.md 3, row 7; pve.md 5.1"


def loader_unknown(facts: Facts, choices: Choices) -> Found:
    """Writing into the wrong file does nothing; writing into a guessed one may break the boot."""
    if facts.boot.kind is not None or (facts.is_excerpt and not facts.running_arguments):
        return ()
    return (finding("boot-loader-unknown", Severity.STOPS, "facts: pve.md 5.1", facts.boot.evidence),)


def override(facts: Facts, choices: Choices) -> Found:
    """A drop-in that sets GRUB_CMDLINE_LINUX_DEFAULT anew wins over /etc/default/grub."""
    if facts.boot.kind not in GRUB_LOADERS:
        return ()
    found = grub.overrides(facts.files)
    evidence = tuple(f"{path}: {(facts.file_text(path) or '').strip()}" for path in found)
    return (finding("grub-override", Severity.STOPS, "facts: pve.md 5.1", evidence, path=found[0]),) if found else ()


def broken_file(facts: Facts, choices: Choices) -> Found:
    """A quote that is never closed (dash: "Unterminated quoted string"), or a value that no edit is safe in."""
    if facts.boot.kind not in GRUB_LOADERS:
        return ()
    paths = [path for path in sorted(facts.files) if path.startswith("/etc/default/grub")]
    found = [path for path in paths if not grub.can_edit(facts.file_text(path) or "")]
    shown = tuple(line for path in found for line in (facts.file_text(path) or "").splitlines() if "CMDLINE" in line)
    return (finding("grub-file-broken", Severity.STOPS, WRONG_FILE, shown, path=found[0]),) if found else ()


def not_active(facts: Facts, choices: Choices) -> Found:
    """Arguments that stand in the right file and yet do not run: the loader was not told, or no restart since."""
    running, coming = facts.running_arguments, facts.next_arguments
    waiting = _missing(_configured(facts), running)
    if not running or not waiting:
        return ()
    told = coming is not None and not _missing(waiting, coming)
    identity = "arguments-wait-for-restart" if told else "arguments-not-active"
    severity = Severity.INFORMS if told else Severity.WARNS
    shown = (f"configured: {' '.join(waiting)}", f"/proc/cmdline: {' '.join(running)}")
    return (finding(identity, severity, WRONG_FILE, shown, step="cmdline", arguments=" ".join(waiting)),)


def _missing(wanted: tuple[str, ...], given: tuple[str, ...]) -> tuple[str, ...]:
    """A list may be longer than the one that was asked for; of other keys every word counts (console=, twice)."""
    return tuple(word for word in wanted if word not in given and not is_effective(given, word))


def _configured(facts: Facts) -> tuple[str, ...]:
    if facts.boot.kind in GRUB_LOADERS:
        return tuple(grub.arguments(facts.file_text("/etc/default/grub") or ""))
    if facts.boot.kind is Loader.SYSTEMD_BOOT:
        return cmdline.arguments(facts.file_text(CMDLINE_FILE))
    return ()


def wrong_file(facts: Facts, choices: Choices) -> Found:
    """The file of systemd-boot on a host that GRUB starts: whatever is written there does nothing."""
    text = facts.file_text(CMDLINE_FILE)
    if facts.boot.kind not in GRUB_LOADERS or text is None:
        return ()
    shown = (f"{CMDLINE_FILE}: {text.strip()}", *facts.boot.evidence)
    return (finding("cmdline-file-unused", Severity.INFORMS, WRONG_FILE, shown, step="cmdline"),)


def esp_not_synced(facts: Facts, choices: Choices) -> Found:
    """systemd-boot reads its partition; without the list of partitions nothing is copied there."""
    said = tuple(line for line in facts.sections.get("refresh", "").splitlines() if NO_UUIDS in line)
    told = "files" in facts.sections and not facts.is_excerpt
    missing = told and "/etc/kernel/proxmox-boot-uuids" not in facts.files
    if facts.boot.kind is not Loader.SYSTEMD_BOOT or not (said or missing):
        return ()
    return (finding("esp-not-synced", Severity.STOPS, WRONG_FILE, (*said, *facts.boot.evidence), step="cmdline"),)


def other_kernel(facts: Facts, choices: Choices) -> Found:
    """The restart of the guide may be the first one with a newer kernel."""
    kernels, running = facts.platform.kernels, facts.versions.kernel
    if not kernels or running is None or kernels[-1] == running or running not in kernels:
        return ()
    shown = (f"uname -r: {running}", f"/boot: {' '.join(kernels)}")
    source = "facts: pve.md 5.1 (the newest kernel is the default)"
    return (finding("other-kernel-next", Severity.INFORMS, source, shown, step="reboot", kernel=kernels[-1]),)
