"""How we reach a host: profiles, secrets, host keys, one verified connection, commands, files, the Proxmox API."""
