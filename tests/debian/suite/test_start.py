"""`qm start`: the VM runs, or QEMU and qemu-server say why not, in their own words."""

from __future__ import annotations

from tests.debian.suite.bench import Bench
from tests.debian.tier import IGPU

VM = f"qm create 100 --name spoiled --memory 4096 --ostype win10 --machine pc-i440fx-7.2 --vga none --hostpci0 {IGPU}"

SPOILED = (
    ("--args '-set device.hostpci7.x-igd-gms=0x2'", 'there is no device "hostpci7" defined'),
    ("--args '-set device.hostpci0.x-igd-lpc=on'", "Property 'vfio-pci.x-igd-lpc' not found"),
    ("--hostpci0 0000:00:02.0,legacy-igd=1 --vga std", "legacy IGD assignment requires VGA mode to be 'none'"),
    ("--machine pc-i440fx-10.1", "is too old to run machine type 'pc-i440fx-10.1'"),
)
"""What is set, and what is said to it."""


def test_a_vm_without_the_chip_runs(bench: Bench) -> None:
    """Where QEMU is real, the survey sees its process."""
    host = bench.host
    assert host.run("qm create 100 --name plain --memory 512").rc == 0
    assert host.run("qm start 100").rc == 0
    assert host.run("qm status 100").out == "status: running\n"
    assert [vm.running for vm in bench.session().survey().facts.vms] == [True]
    assert host.run("qm stop 100").rc == 0
    assert host.run("qm status 100").out == "status: stopped\n"
    assert [vm.running for vm in bench.session().survey().facts.vms] == [False]
    assert host.run("qm destroy 100").rc == 0


def test_a_spoiled_configuration_is_refused(bench: Bench) -> None:
    host = bench.host
    host.write("/etc/default/grub.d/zz-on.cfg", b'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"\n')
    assert host.run("update-grub").rc == 0
    host.reboot()
    for spoil, says in SPOILED:
        assert host.run(VM).rc == 0
        assert host.run(f"qm set 100 {spoil}").rc == 0
        refused = host.run("qm start 100")
        assert refused.rc != 0, spoil
        assert says in refused.out + refused.err
        assert host.run("qm status 100").out == "status: stopped\n"
        assert host.run("qm destroy 100").rc == 0
