"""update-grub, update-initramfs, proxmox-boot-tool: texts and streams as recorded (facts: pve.md 5.1)."""

from __future__ import annotations

from practice import boot
from practice.commands.options import refuse
from practice.shell.context import Context, command

SECONDS = 3.0


def managed(context: Context) -> bool:
    return bool(context.machine.fs.exists("/etc/kernel/proxmox-boot-uuids"))


@command("update-grub", "update-grub2")
async def update_grub(context: Context) -> int:
    """Everything goes to standard error, as on a real host."""
    if context.argv[1:]:
        return refuse(context, " ".join(context.argv[1:]))
    try:
        lines = await boot.write_grub_cfg(context.machine)
    except ValueError as error:
        context.err(f"{error}\n")
        return 1
    for line in lines:
        context.err(f"{line}\n")
        await context.machine.clock.sleep(SECONDS / 6)
    return 0


@command("update-initramfs")
async def update_initramfs(context: Context) -> int:
    if "-u" not in context.argv and "-c" not in context.argv:
        return refuse(context, " ".join(context.argv[1:]))
    wanted = context.argv[context.argv.index("-k") + 1] if "-k" in context.argv else "all"
    for kernel in context.machine.kernels if wanted == "all" else [wanted]:
        context.out(f"update-initramfs: Generating /boot/initrd.img-{kernel}\n")
        await context.machine.clock.sleep(SECONDS)
        boot.build_initramfs(context.machine, kernel)
        context.out("Running hook script 'zz-proxmox-boot'..\n")
        context.out("Re-executing '/etc/kernel/postinst.d/zz-proxmox-boot' in new private mount namespace..\n")
        if managed(context):
            lines = await boot.refresh_esp(context.machine)
            copied = [line for line in lines if line.startswith("Copying") or line.endswith(kernel)]
            context.out("".join(f"{line}\n" for line in copied))
        else:
            context.out("No /etc/kernel/proxmox-boot-uuids found, skipping ESP sync.\n")
    return 0


@command("proxmox-boot-tool")
async def proxmox_boot_tool(context: Context) -> int:
    verb = context.argv[1:2]
    context.out("Re-executing '/usr/sbin/proxmox-boot-tool' in new private mount namespace..\n")
    if not managed(context):
        context.err("E: /etc/kernel/proxmox-boot-uuids does not exist.\n")
        return 2
    if verb == ["status"]:
        scenario, versions = context.machine.scenario, ", ".join(context.machine.kernels)
        firmware = "uefi" if scenario.get("boot.efi", True) else "legacy bios"
        kind = "uefi" if scenario.get("boot.loader") == boot.SYSTEMD_BOOT else "grub"
        context.out(f"System currently booted with {firmware}\n")
        context.out(f"{context.machine.esp_uuid} is configured with: {kind} (versions: {versions})\n")
        return 0
    if verb == ["refresh"]:
        try:
            lines = await boot.refresh_esp(context.machine)
        except ValueError as error:
            context.err(f"{error}\n")
            return 1
        for line in lines:
            context.out(f"{line}\n")
            await context.machine.clock.sleep(SECONDS / 6)
        return 0
    return refuse(context, " ".join(context.argv[1:]))
