"""The survey: one POSIX sh script, sent in one exec, read-only. Raw text comes back; Python understands it.

$1 is a random word that frames the sections, so that nothing a host prints can pass for a frame. What follows are the
versions of QEMU for which apt is asked what else it could install: that takes its time. Every part is
guarded: what is missing on a host is an empty section, never a failed survey. Few processes: a Perl start (pvesm)
costs about half a second on a small machine, a file nothing. `read` takes the place of cat, one readlink reads all
links, and what may wait for a storage of the network has a time limit.
"""

from __future__ import annotations

from guide.facts.rom_era import MARKS
from guide.facts.vms import VM_KEYS

SURVEY = r"""
n=$1
shift
begin() { printf '%s begin %s\n' "$n" "$1"; }
end() { printf '\n%s end\n' "$n"; }
copy() { while IFS= read -r l; do printf '%s\n' "$l"; done < "$1"; printf '%s' "$l"; }
show() { begin "$1"; if [ -r "$2" ]; then copy "$2"; fi; end; }
quiet() { begin "$1"; shift; "$@" 2>/dev/null; end; }
text() { if [ -f "$1" ] && [ -r "$1" ]; then printf '%s file %s\n' "$n" "$1"; copy "$1"; printf '\n%s eof\n' "$n"; fi; }
first() { v=-; if [ -r "$1" ]; then read -r v < "$1" || true; fi; v=${v:--}; }
disk() { case ${1##*/} in loop*|ram*|zram*|dm-*|zd*|nbd*|md*|sr*) return 1 ;; esac; [ -L "$1" ]; }

show boot_id /proc/sys/kernel/random/boot_id
show cmdline /proc/cmdline
show uptime /proc/uptime
show node /proc/sys/kernel/hostname
show fb /proc/fb
show inputs /proc/bus/input/devices
show members /etc/pve/.members
quiet clock date +%s
quiet kernel uname -r
quiet memory grep MemTotal /proc/meminfo
quiet cpu sed '/^$/q' /proc/cpuinfo
quiet cpus grep -c '^processor' /proc/cpuinfo
p=$(dpkg-query -W -f '${db:Status-Want} ${Package} ${Version}\n' pve-manager pve-qemu-kvm qemu-server \
  intel-microcode 2>/dev/null)
begin packages; printf '%s\n' "$p"; end
for a in "$@"; do
  case $p in *" pve-qemu-kvm $a."*) quiet policy apt-cache policy pve-qemu-kvm ;; esac
done
begin efi; if [ -d /sys/firmware/efi ]; then echo yes; else echo no; fi; end
quiet secure_boot mokutil --sb-state
begin boot_tool
if [ -e /etc/kernel/proxmox-boot-uuids ]; then timeout 30 proxmox-boot-tool status 2>&1; fi
end
begin files
for f in /etc/default/grub /etc/default/grub.d/*.cfg /etc/kernel/cmdline /etc/kernel/proxmox-boot-uuids /etc/modules \
  /etc/modules-load.d/*.conf /etc/modprobe.d/*.conf /lib/modprobe.d/*.conf /run/modprobe.d/*.conf \
  /etc/initramfs-tools/modules /etc/sysfs.conf /etc/sysfs.d/*.conf /etc/pve/storage.cfg /etc/pve/mapping/pci.cfg; do
  text "$f"
done
end
quiet grub_linux grep -m 1 -E '^[[:space:]]*linux[[:space:]]' /boot/grub/grub.cfg
begin loader_entries
for f in /boot/efi/loader/entries/*.conf; do text "$f"; done
end
quiet modified stat -c '%Y %n' /boot/initrd.img-* /etc/modprobe.d/*.conf
begin lspci; lspci -Dnnk 2>/dev/null | grep -v -E '^.(Subsystem|DeviceName)'; end

set --
for d in /sys/bus/pci/devices/*; do
  if [ -L "$d/iommu_group" ]; then set -- "$@" "$d/iommu_group"; fi
  if [ -L "$d/driver" ]; then set -- "$@" "$d/driver"; fi
done
for b in /sys/block/*; do if disk "$b"; then set -- "$@" "$b"; fi; done
for i in /sys/class/net/*; do if [ -L "$i/device" ]; then set -- "$@" "$i/device"; fi; done
c=$#
set -- $(readlink "$@" 2>/dev/null)
if [ $# -ne "$c" ]; then set --; fi
begin pci
for d in /sys/bus/pci/devices/*; do
  g=-; r=-
  if [ -L "$d/iommu_group" ] && [ $# -gt 0 ]; then g=$1; shift; fi
  if [ -L "$d/driver" ] && [ $# -gt 0 ]; then r=$1; shift; fi
  first "$d/vendor"; i=$v
  first "$d/device"; i="$i $v"
  first "$d/class"; i="$i $v"
  first "$d/boot_vga"; b=$v
  first "$d/reset_method"
  printf '%s %s %s %s %s %s\n' "${d##*/}" "$i" "${g##*/}" "${r##*/}" "$b" "$v"
done
end
begin disks
for b in /sys/block/*; do
  if disk "$b" && [ $# -gt 0 ]; then printf '%s %s\n' "${b##*/}" "$1"; shift; fi
done
end
begin links
for i in /sys/class/net/*; do
  if [ -L "$i/device" ] && [ $# -gt 0 ]; then printf 'device %s %s\n' "${i##*/}" "$1"; shift; fi
  if [ -d "$i/brif" ]; then for p in "$i"/brif/*; do printf 'port %s %s\n' "${i##*/}" "${p##*/}"; done; fi
  if [ -d "$i/bridge" ]; then printf 'bridge %s\n' "${i##*/}"; fi
done
end
begin virtual
for d in /sys/bus/pci/devices/*; do
  if [ -e "$d/sriov_numvfs" ]; then first "$d/sriov_numvfs"; printf 'numvfs %s %s\n' "${d##*/}" "$v"; fi
  if [ -e "$d/physfn" ]; then printf 'vf %s\n' "${d##*/}"; fi
  if [ -e "$d/mdev_supported_types" ]; then printf 'mdev %s\n' "${d##*/}"; fi
done
for m in /sys/bus/mdev/devices/*; do if [ -e "$m" ]; then printf 'active %s\n' "${m##*/}"; fi; done
end
quiet root findmnt -n -o SOURCE,FSTYPE /
begin blocks; lsblk -r -n -o NAME,PKNAME,TYPE,FSTYPE 2>/dev/null | grep -v -E '^(loop|zd|[^ ]*(vm|base)--[0-9])'; end
begin connectors
for c in /sys/class/drm/card*-*; do
  if [ -r "$c/status" ]; then first "$c/status"; printf '%s %s\n' "${c##*/}" "$v"; fi
done
end
quiet dkms timeout 30 dkms status
quiet kernels ls /boot
begin kvm
for p in /var/run/qemu-server/*.pid; do
  if [ -r "$p" ]; then
    first "$p"
    if [ "/proc/$v/exe" -ef /usr/bin/kvm ] || [ ! -e "/proc/$v/exe" ]; then s=same; else s=replaced; fi
    printf '%s %s\n' "${p##*/}" "$s"
  fi
done
end
begin iommu; for i in /sys/class/iommu/*; do if [ -e "$i" ]; then printf '%s\n' "${i##*/}"; fi; done; end
begin dmar; if [ -e /sys/firmware/acpi/tables/DMAR ]; then echo yes; else echo no; fi; end
quiet iomem grep -iE 'simplefb|efifb|vesafb|BOOTFB' /proc/iomem
begin dmesg
dmesg 2>/dev/null | grep -E 'DMAR|IOMMU|initcall|vfio|PCI ROM header|unknown parameter|microcode' | head -n 120
end
begin faults; dmesg 2>/dev/null | grep -c -E 'DMAR: .*Request device \[00:02\.0\]'; end
quiet lsmod cut -d ' ' -f 1 /proc/modules
quiet pvesm timeout 30 pvesm status
begin vms
cd /etc/pve/qemu-server 2>/dev/null &&
  grep -H -E '^(\[|(VM_KEYS):)' [0-9]*.conf 2>/dev/null
cd /
end
quiet running ls /var/run/qemu-server
quiet containers grep -H -E '^(arch|lxc.mount.entry|dev[0-9]+|lxc.cgroup2?)' /etc/pve/lxc/*.conf
begin isos
set -- /var/lib/vz /mnt/pve/*
if [ -r /etc/pve/storage.cfg ]; then
  while read -r k v; do if [ "$k" = path ]; then set -- "$@" "$v"; fi; done < /etc/pve/storage.cfg
fi
timeout 15 sh -c 'for d in "$@"; do stat -L -c "%s %n" "$d"/template/iso/* 2>/dev/null; done' sh "$@"
end
begin roms
set --
for f in /usr/share/kvm/*.rom /usr/share/kvm/*.bin; do
  case ${f##*/} in efi-*|pxe-*|vgabios*|bios*|kvmvapic*|linuxboot*|multiboot*|pvh*|'*'*) ;;
    *) if [ -f "$f" ]; then printf '%s %s\n' "$(stat -c %s "$f")" "$(sha256sum "$f")"; set -- "$@" "$f"; fi ;;
  esac
done
end
begin rom_marks; if [ $# -gt 0 ]; then grep -a -o -H -E 'ROM_MARKS' "$@" 2>/dev/null; fi; end
quiet vfio_properties kvm -device vfio-pci,help
begin connection; printf '%s\n' "$SSH_CONNECTION"; end
quiet addresses ip -o -4 address
""".replace("VM_KEYS", VM_KEYS).replace("ROM_MARKS", "|".join(MARKS))
