"""The Proxmox API over TLS: transport, routes, and one file of calls per area."""
