"""A Proxmox VE host to practise on: SSH, files, boot, Proxmox API and a Windows guest, simulated on loopback."""
