"""The survey: one POSIX sh script, sent in one exec, read-only. Raw text comes back; Python understands it.

$1 is a random word that frames the sections, so that nothing a host prints can pass for a frame. Every part is
guarded: what is missing on a host is an empty section, never a failed survey. Few forks: a Perl start (pvesm)
costs about half a second on a small machine, a file nothing. `read` takes the place of cat inside the loops.
"""

from __future__ import annotations

SURVEY = r"""
n=$1
begin() { printf '%s begin %s\n' "$n" "$1"; }
end() { printf '\n%s end\n' "$n"; }
show() { begin "$1"; cat "$2" 2>/dev/null; end; }
run() { begin "$1"; shift; "$@" 2>&1; end; }
quiet() { begin "$1"; shift; "$@" 2>/dev/null; end; }
text() {
  if [ -f "$1" ]; then
    printf '%s file %s %s\n' "$n" "$(stat -L -c %a "$1")" "$1"
    cat "$1"
    printf '\n%s eof\n' "$n"
  fi
}

show boot_id /proc/sys/kernel/random/boot_id
show cmdline /proc/cmdline
show uptime /proc/uptime
quiet clock date +%s
quiet node hostname
quiet kernel uname -r
quiet memory grep MemTotal /proc/meminfo
quiet cpu sed '/^$/q' /proc/cpuinfo
quiet cpus grep -c '^processor' /proc/cpuinfo
quiet packages dpkg-query -W -f '${Package} ${Version}\n' pve-manager pve-qemu-kvm qemu-server \
  intel-microcode
quiet holds apt-mark showhold
begin efi; if [ -d /sys/firmware/efi ]; then echo yes; else echo no; fi; end
quiet secure_boot mokutil --sb-state
run boot_tool proxmox-boot-tool status
begin files
for f in /etc/default/grub /etc/default/grub.d/*.cfg /etc/kernel/cmdline /etc/kernel/proxmox-boot-uuids /etc/modules \
  /etc/modules-load.d/*.conf /etc/modprobe.d/*.conf /etc/initramfs-tools/modules /etc/sysfs.conf /etc/sysfs.d/*.conf \
  /etc/pve/storage.cfg; do text "$f"; done
end
quiet grub_linux grep -m 1 -E '^[[:space:]]*linux[[:space:]]' /boot/grub/grub.cfg
begin loader_entries
for f in /boot/efi/loader/entries/*.conf; do text "$f"; done
end
quiet modified stat -c '%Y %n' /boot/initrd.img-* /etc/modprobe.d/*.conf /etc/kernel/cmdline
quiet lspci lspci -Dnnk
first() { v=-; if [ -r "$1" ]; then read -r v < "$1" || true; fi; v=${v:--}; }
begin pci
for d in /sys/bus/pci/devices/*; do
  if [ -e "$d/iommu_group" ]; then g=$(readlink "$d/iommu_group"); else g=-; fi
  if [ -e "$d/driver" ]; then r=$(readlink "$d/driver"); else r=-; fi
  first "$d/vendor"; i=$v
  first "$d/device"; i="$i $v"
  first "$d/class"; i="$i $v"
  first "$d/boot_vga"; b=$v
  first "$d/reset_method"
  printf '%s %s %s %s %s %s\n' "${d##*/}" "$i" "${g##*/}" "${r##*/}" "$b" "$v"
done
end
begin virtual
for d in /sys/bus/pci/devices/*; do
  if [ -e "$d/sriov_numvfs" ]; then first "$d/sriov_numvfs"; printf 'numvfs %s %s\n' "${d##*/}" "$v"; fi
  if [ -e "$d/physfn" ]; then printf 'vf %s\n' "${d##*/}"; fi
  if [ -e "$d/mdev_supported_types" ]; then printf 'mdev %s\n' "${d##*/}"; fi
done
for m in /sys/bus/mdev/devices/*; do if [ -e "$m" ]; then printf 'active %s\n' "$(readlink "$m")"; fi; done
end
begin disks
for b in /sys/block/*; do
  if [ -e "$b" ]; then printf '%s %s\n' "${b##*/}" "$(readlink "$b")"; fi
done
end
quiet root findmnt -n -o SOURCE,FSTYPE /
quiet blocks lsblk -r -n -o NAME,PKNAME,TYPE,FSTYPE
show inputs /proc/bus/input/devices
begin connectors
for c in /sys/class/drm/card*-*; do
  if [ -r "$c/status" ]; then first "$c/status"; printf '%s %s\n' "${c##*/}" "$v"; fi
done
end
quiet dkms dkms status
show members /etc/pve/.members
quiet kernels ls /boot
begin kvm
for p in /var/run/qemu-server/*.pid; do
  if [ -r "$p" ]; then first "$p"; printf '%s %s\n' "${p##*/}" "$(readlink "/proc/$v/exe" 2>/dev/null)"; fi
done
end
quiet iommu ls /sys/class/iommu
begin dmar; if [ -e /sys/firmware/acpi/tables/DMAR ]; then echo yes; else echo no; fi; end
show fb /proc/fb
quiet iomem grep -iE 'simplefb|efifb|vesafb|BOOTFB' /proc/iomem
begin dmesg
dmesg 2>/dev/null | grep -E 'DMAR|IOMMU|initcall|vfio|PCI ROM header|unknown parameter|microcode' | head -n 120
end
begin faults; dmesg 2>/dev/null | grep -c -E 'DMAR: .*Request device \[00:02\.0\]'; end
quiet lsmod cut -d ' ' -f 1 /proc/modules
quiet pvesm pvesm status
begin vms
for f in /etc/pve/qemu-server/*.conf; do text "$f"; done
end
quiet running ls /var/run/qemu-server
quiet containers grep -H -E '^(arch|lxc.mount.entry|dev[0-9]+|lxc.cgroup2?)' /etc/pve/lxc/*.conf
begin isos
for d in /var/lib/vz /mnt/pve/*; do
  for f in "$d"/template/iso/*; do if [ -f "$f" ]; then stat -c '%s %n' "$f"; fi; done
done
end
begin roms
for f in /usr/share/kvm/*.rom /usr/share/kvm/*.bin; do
  case ${f##*/} in efi-*|pxe-*|vgabios*|bios*|kvmvapic*|linuxboot*|multiboot*|pvh*|'*'*) ;;
    *) if [ -f "$f" ]; then printf '%s %s\n' "$(stat -c %s "$f")" "$(sha256sum "$f")"; fi ;;
  esac
done
end
quiet vfio_properties kvm -device vfio-pci,help
begin links
for i in /sys/class/net/*; do
  if [ -e "$i/device" ]; then printf 'device %s %s\n' "${i##*/}" "$(readlink "$i/device")"; fi
  if [ -d "$i/brif" ]; then for p in "$i"/brif/*; do printf 'port %s %s\n' "${i##*/}" "${p##*/}"; done; fi
  if [ -d "$i/bridge" ]; then printf 'bridge %s\n' "${i##*/}"; fi
done
end
begin connection; printf '%s\n' "$SSH_CONNECTION"; end
quiet addresses ip -o -4 address
"""
