"""lspci."""

from __future__ import annotations

from practice.commands.options import Usage, refuse, split
from practice.scenario import PciFunction
from practice.shell.context import Context, command


@command("lspci")
async def lspci(context: Context) -> int:
    try:
        seen, values, _ = split(context, "Dnk", "sd")
    except Usage as usage:
        return refuse(context, f"-{usage}")
    numeric = sum(word.count("n") for word in context.argv[1:] if word.startswith("-") and word[1:2] not in ("s", "d"))
    # With more than one domain (VMD) lspci names it of every device (recorded: i7-11th-tigerlake-ux371).
    several = any(not function.address.startswith("0000:") for function in context.machine.pci)
    for function in context.machine.pci:
        if not _selected(function, values):
            continue
        context.out(_line(function, "D" in seen or several, numeric) + "\n")
        if "k" in seen:
            driver = context.machine.kernel.drivers.get(function.address)
            if driver:
                context.out(f"\tKernel driver in use: {driver}\n")
            if function.modules:
                context.out(f"\tKernel modules: {', '.join(function.modules)}\n")
    return 0


def _line(function: PciFunction, domain: bool, numeric: int) -> str:
    address = function.address if domain else function.address[5:]
    revision = f" (rev {function.revision})" if function.revision else ""
    if numeric == 1:
        return f"{address} {function.class_code}: {function.ids}{revision}"
    if numeric >= 2:
        return f"{address} {function.kind} [{function.class_code}]: {function.name} [{function.ids}]{revision}"
    return f"{address} {function.kind}: {function.name}{revision}"


def _selected(function: PciFunction, values: dict[str, str]) -> bool:
    slot = values.get("s", "")
    full = slot if slot.count(":") == 2 else f"0000:{slot}"
    if slot and not (
        function.address == full
        or function.address.startswith(f"{full}.")
        or (slot.endswith(":") and function.address.startswith(full))
    ):
        return False
    wanted = (values.get("d", "") + "::").split(":")
    vendor, device, kind = wanted[:3]
    return (
        vendor in ("", "*", function.vendor)
        and device in ("", "*", function.device)
        and (not kind or function.class_code.startswith(kind))
    )
