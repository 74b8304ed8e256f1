"""A crowded host: the survey stays small, and what it says of the VMs is complete."""

from __future__ import annotations

from guide.facts.survey import take_survey
from tests.practice.conftest import Bench

VM = """name: machine-{n}
memory: 2048
cores: 2
ostype: l26
description: {notes}
machine: pc-i440fx-9.0
net0: virtio=BC:24:11:00:00:{n:02x},bridge=vmbr0
scsi0: local-lvm:vm-{n}-disk-0,size=32G
[before]
name: machine-{n}
memory: 2048
snaptime: 1
"""


def test_200_vms_are_less_than_100_kb(bench: Bench) -> None:
    for n in range(200):
        bench.fs.put(f"/etc/pve/qemu-server/{1000 + n}.conf", VM.format(n=n, notes="x" * 400))
    bench.fs.put("/etc/pve/qemu-server/1300.conf", "hostpci0: mapping=chip\nmemory: 16\n")
    bench.fs.put(
        "/etc/pve/mapping/pci.cfg", "chip\n\tmap id=8086:46d1,iommugroup=0,node=pve,path=0000:00:02.0\n\tmap node=b\n"
    )
    facts = take_survey(bench.connect())
    said = "".join(facts.sections.values())
    assert len(said.encode()) < 100_000
    assert len(facts.vms) == 201
    assert "x" * 400 not in said
    assert facts.vms[-1].mappings == {"chip": ("0000:00:02.0",)}
