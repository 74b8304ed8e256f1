"""/etc/modprobe.d and the kernel's own arguments, as kmod reads them [kmod 30, tried].

Order and texts were tried with kmod itself; which file says what is printed by `modprobe -c`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LEAST_WORDS = {"alias": 3, "blacklist": 2, "options": 3, "install": 3, "remove": 3, "softdep": 3}
"""Commands, and how many words a line needs; others are bad lines."""


@dataclass
class Config:
    """What all files say together. Module names have underscores. `complaints`: kmod's words, one per bad line."""

    blacklist: list[str] = field(default_factory=list)
    install: dict[str, str] = field(default_factory=dict)
    remove: dict[str, str] = field(default_factory=dict)
    alias: list[tuple[str, str]] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    softdep: list[tuple[str, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def parameters(self, module: str) -> dict[str, str]:
        """The options of a module; the last one of a name wins."""
        words = [word for name, text in self.options if name == plain(module) for word in text.split()]
        return {key: value for key, _, value in (word.partition("=") for word in words)}

    def before(self, module: str) -> list[str]:
        """Modules that a softdep has loaded first."""
        found: list[str] = []
        for name, text in self.softdep:
            if name == plain(module) and "pre:" in text.split():
                words = text.split()
                words = words[words.index("pre:") + 1 :]
                found += words[: words.index("post:")] if "post:" in words else words
        return found

    def dump(self) -> str:
        """`modprobe -c` without the indexes."""
        lines = [f"blacklist {name}" for name in self.blacklist]
        lines += [f"install {name} {text}" for name, text in self.install.items()]
        lines += [f"remove {name} {text}" for name, text in self.remove.items()]
        lines += [f"alias {name} {text}" for name, text in self.alias]
        lines += [f"options {name} {text}" for name, text in self.options]
        lines += [f"softdep {name} {text}" for name, text in self.softdep]
        return "".join(f"{line}\n" for line in lines)


def plain(module: str) -> str:
    """Module names are the same with - and _."""
    return module.replace("-", "_")


def parse(files: Mapping[str, str], cmdline: str = "") -> Config:
    """`files`: path -> text; only *.conf count, by name. Raises nothing: a bad line is a complaint."""
    config = Config()
    for path in sorted(files, key=lambda path: path.rsplit("/", 1)[-1]):
        if path.endswith(".conf"):
            _file(config, path, files[path])
    for word in cmdline.split():
        name, sign, value = word.partition("=")
        module, dot, parameter = name.partition(".")
        if name == "modprobe.blacklist":
            config.blacklist += [plain(item) for item in value.split(",") if item]
        elif dot and sign:
            config.options.append((plain(module), f"{parameter}={value}"))
    return config


def _file(config: Config, path: str, text: str) -> None:
    number = 0
    for line, last in _lines(text):
        number = last
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) < LEAST_WORDS.get(words[0], 99):
            where = "libkmod: ERROR ../libkmod/libkmod-config.c:712 kmod_config_parse"
            config.complaints.append(f"{where}: {path} line {number}: ignoring bad line starting with '{words[0]}'")
            continue
        _take(config, words[0], words[1], " ".join(words[2:]))


def _take(config: Config, command: str, name: str, rest: str) -> None:
    if command == "blacklist":
        config.blacklist.append(plain(name))
    elif command in ("install", "remove"):
        getattr(config, command)[plain(name)] = rest
    elif command == "alias":
        config.alias.append((name, plain(rest.split()[0])))
    else:
        getattr(config, command).append((plain(name), rest))


def _lines(text: str) -> list[tuple[str, int]]:
    """(line, its last number); a backslash at the end joins it with the next."""
    found: list[tuple[str, int]] = []
    kept = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.endswith("\\"):
            kept += line[:-1]
            continue
        found.append((kept + line, number))
        kept = ""
    return found
