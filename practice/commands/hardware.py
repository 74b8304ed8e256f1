"""lspci [pciutils 3.9, tried]. What needs the registers of a real device (-v, -x, -t) is refused."""

from __future__ import annotations

import re

from practice.commands.options import refuse, split
from practice.pci import INTERFACES, SUBSYSTEM, VENDORS
from practice.scenario import PciFunction
from practice.shell.context import Context, command

SLOT = re.compile(
    r"(?:(?:(?P<domain>[0-9a-f]{1,8}):)?(?P<bus>[0-9a-f]{1,2})?:)?(?P<slot>[0-9a-f]{1,2})?(?:\.(?P<function>[0-7])?)?",
    re.I,
)
"""[[[[domain]:]bus]:][slot][.[function]]; what is left out is any."""

BRIDGES = ("0600", "0604")
"""They have no subsystem in a practice machine."""


@command("lspci")
async def lspci(context: Context) -> int:
    seen, values, operands = split(context, "Dnkmv", "sd")
    letters = "".join(match[1] for match in map(re.compile(r"-([Dnkmv]+)").match, context.argv[1:]) if match)
    numeric, machine = letters.count("n"), letters.count("m")
    if operands or machine == 1 or ("v" in seen and not machine):
        return refuse(context, " ".join(context.argv[1:]))
    slot = SLOT.fullmatch(values.get("s", ""))
    if slot is None:
        context.err("lspci: -s: Invalid slot number\n")
        return 1
    if "d" in values and ":" not in values["d"]:
        context.err("lspci: -d: At least two fields must be given\n")
        return 1
    # With more than one domain (VMD) lspci names it of every device (recorded: i7-11th-tigerlake-ux371).
    domain = "D" in seen or any(not function.address.startswith("0000:") for function in context.machine.pci)
    for function in context.machine.pci:
        if not (_in_slot(function, slot) and _has_ids(function, values.get("d", "::"))):
            continue
        address = function.address if domain else function.address[5:]
        driver = context.machine.kernel.drivers.get(function.address) or ""
        if machine and "v" in seen:
            group = context.machine.kernel.groups.get(function.address) if "k" in seen else None
            context.out(_record(function, address, numeric, driver if "k" in seen else "", "k" in seen, group))
        elif machine:
            context.out(_machine_line(function, address, numeric))
        else:
            context.out(_line(function, address, numeric) + "\n" + (_held(function, numeric, driver) * ("k" in seen)))
    return 0


def _in_slot(function: PciFunction, wanted: re.Match[str]) -> bool:
    domain, bus, rest = function.address.split(":")
    slot, number = rest.split(".")
    has = {"domain": domain, "bus": bus, "slot": slot, "function": number}
    return all(text is None or int(text, 16) == int(has[name], 16) for name, text in wanted.groupdict().items())


def _has_ids(function: PciFunction, wanted: str) -> bool:
    vendor, device, kind = (wanted.lower() + "::").split(":")[:3]
    return (
        vendor in ("", "*", function.vendor)
        and device in ("", "*", function.device)
        and (not kind or function.class_code.startswith(kind))
    )


def _line(function: PciFunction, address: str, numeric: int) -> str:
    revision = f" (rev {function.revision})" if function.revision else ""
    if numeric == 1:
        return f"{address} {function.class_code}: {function.ids}{revision}"
    if numeric >= 2:
        return f"{address} {function.kind} [{function.class_code}]: {function.name} [{function.ids}]{revision}"
    return f"{address} {function.kind}: {function.name}{revision}"


def _held(function: PciFunction, numeric: int, driver: str) -> str:
    """-k: subsystem, driver in use, modules that would fit."""
    lines = []
    if function.class_code not in BRIDGES:
        ids = ":".join(SUBSYSTEM)
        name = f"{VENDORS[SUBSYSTEM[0]]} Device"
        lines.append(
            f"Subsystem: {ids if numeric == 1 else f'{name} [{ids}]' if numeric else f'{name} {SUBSYSTEM[1]}'}"
        )
    lines += [f"Kernel driver in use: {driver}"] if driver else []
    lines += [f"Kernel modules: {', '.join(function.modules)}"] if function.modules else []
    return "".join(f"\t{line}\n" for line in lines)


def _names(function: PciFunction, numeric: int) -> list[str]:
    """Class, vendor, device and the subsystem's two, as names, numbers or both."""
    vendor = VENDORS.get(function.vendor, "Unknown vendor")
    names = [function.kind, vendor, function.name.removeprefix(f"{vendor} ")]
    codes = [function.class_code, function.vendor, function.device]
    if function.class_code not in BRIDGES:
        names, codes = [*names, VENDORS[SUBSYSTEM[0]], "Device"], [*codes, *SUBSYSTEM]
    if numeric == 1:
        return codes
    shown = [f"{name} [{code}]" if numeric else name for name, code in zip(names, codes, strict=True)]
    return [*shown[:4], f"Device {SUBSYSTEM[1]}"] if len(shown) == 5 and not numeric else shown


def _machine_line(function: PciFunction, address: str, numeric: int) -> str:
    """-mm"""
    names = [*_names(function, numeric), "", ""][:5]
    revision = f" -r{function.revision}" if function.revision else ""
    quoted = [f'"{name}"' for name in names]
    return f"{address} {' '.join(quoted[:3])}{revision} -p{_interface(function)} {' '.join(quoted[3:])}\n"


def _record(function: PciFunction, address: str, numeric: int, driver: str, kernel: bool, group: int | None) -> str:
    """-vmm: tagged lines, and an empty one."""
    tags = ("Class", "Vendor", "Device", "SVendor", "SDevice")
    rows = [("Slot", address), *zip(tags, _names(function, numeric), strict=False)]
    rows += [("Rev", function.revision)] if function.revision else []
    rows.append(("ProgIf", _interface(function)))
    rows += [("Driver", driver)] if driver else []
    rows += [("Module", name) for name in function.modules] if kernel else []
    rows += [("IOMMUGroup", str(group))] if group is not None else []
    return "".join(f"{tag}:\t{text}\n" for tag, text in rows) + "\n"


def _interface(function: PciFunction) -> str:
    return INTERFACES.get(function.class_code, "00")
