"""Proxmox VE itself: users, tasks, storages and VMs. The configuration files of the machine are the only truth."""
